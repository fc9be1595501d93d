package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.MessageBuilder;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

/** A log from position 100 to 199, of which everything up to 149 is acknowledged. */
class ResumeTest {

    private static final long START = 100;
    private static final long ACKNOWLEDGED = 149;
    private static final long END = 200;
    private static final int LANE = 5;

    @Test
    void without_any_offset_reading_begins_after_what_is_acknowledged() {
        assertThat(resume(Lanes.NONE, Map.of()).handled()).isEqualTo(LanePositions.all(ACKNOWLEDGED));
    }

    @Test
    void an_own_offset_behind_the_acknowledged_position_is_advanced_to_it() {
        assertThat(resumeAfter(own(120, "a")).handled().at(LANE)).isEqualTo(ACKNOWLEDGED);
        assertThat(resumeAfter(own(ACKNOWLEDGED, "a")).handled().at(LANE)).isEqualTo(ACKNOWLEDGED);
    }

    @Test
    void an_own_offset_ahead_of_the_acknowledged_position_is_where_reading_goes_on() {
        Resume resume = resumeAfter(own(160, "b"));

        assertThat(resume.handled().at(LANE)).isEqualTo(159);
        assertThat(resume.isDone(message(160, LANE), "a")).isTrue();
        assertThat(resume.isDone(message(160, LANE), "b")).isTrue();
        assertThat(resume.isDone(message(160, LANE), "c")).isFalse();
        assertThat(resume.isDone(message(161, LANE), "a")).isFalse();
        assertThat(resume.isDone(message(160, LANE + 1), "a")).isFalse();
        assertThat(resume.handled().at(LANE + 1)).isEqualTo(ACKNOWLEDGED);
    }

    @Test
    void an_own_offset_whose_message_is_gone_needs_nothing_of_it() {
        assertThat(resumeAt(START, 50, own(START - 1, "a")).handled().at(LANE)).isEqualTo(START - 1);
    }

    @Test
    void an_offset_set_by_an_operator_is_obeyed_to_the_letter() {
        assertThat(resumeAfter(set(120)).handled().at(LANE)).isEqualTo(120);
        assertThat(resumeAfter(set(180)).handled().at(LANE)).isEqualTo(180);
        assertThat(resumeAfter(set(-1)).handled().at(LANE)).isEqualTo(-1);

        Resume inside = resumeAfter(new StoredOffset(120, Optional.of("a"), Optional.empty()));
        assertThat(inside.handled().at(LANE)).isEqualTo(119);
        assertThat(inside.isDone(message(120, LANE), "a")).isTrue();
        assertThat(inside.isDone(message(120, LANE), "b")).isFalse();
    }

    @Test
    void an_offset_with_the_mark_of_another_buffers_run_is_not_advanced() {
        StoredOffset foreign = new StoredOffset(120, Optional.of("a"), Optional.of("foreign"));

        assertThat(resumeAfter(foreign).handled().at(LANE)).isEqualTo(119);
    }

    @Test
    void what_is_repeated_because_an_operator_said_so_is_known_as_such() {
        Resume resume = resumeAfter(set(120));

        assertThat(resume.isReplay(message(121, LANE))).isTrue();
        assertThat(resume.isReplay(message(ACKNOWLEDGED, LANE))).isTrue();
        assertThat(resume.isReplay(message(ACKNOWLEDGED + 1, LANE))).isFalse();
    }

    @Test
    void an_offset_beyond_the_end_of_the_log_fails_with_the_reason() {
        assertThat(resumeAfter(own(END - 1, "a")).handled().at(LANE)).isEqualTo(END - 2);
        assertThatThrownBy(() -> resumeAfter(own(END, "a")))
                .isInstanceOf(ConnectException.class)
                .hasMessage("Kafka Connect holds position 200 for lane 5 of buffer b1, whose log ends before position"
                        + " 200: the buffer's folder was restored from an older copy, or the offset was set to a"
                        + " position that does not exist yet. Bring the right folder back, or alter or reset the"
                        + " connector's offsets.");
        assertThatThrownBy(() -> resumeAfter(set(END))).isInstanceOf(ConnectException.class);
    }

    @Test
    void a_lane_whose_offset_was_removed_begins_at_the_start_of_the_log_and_the_others_do_not() {
        Resume resume = resume(Lanes.NONE.with(LANE).with(6), Map.of(6, own(160, "a")));

        assertThat(resume.handled().at(LANE)).isEqualTo(START - 1);
        assertThat(resume.handled().at(6)).isEqualTo(159);
        assertThat(resume.handled().at(7)).isEqualTo(ACKNOWLEDGED);
    }

    @Test
    void if_every_offset_was_removed_every_lane_begins_at_the_start_of_the_log() {
        assertThat(resume(Lanes.NONE.with(LANE), Map.of()).handled()).isEqualTo(LanePositions.all(START - 1));
    }

    @Test
    void the_lanes_that_have_an_offset_are_known() {
        assertThat(resume(Lanes.NONE, Map.of(3, own(160, "a"), 63, set(120))).lanesWithOffsets())
                .isEqualTo(Lanes.NONE.with(3).with(63));
    }

    @Test
    void where_a_message_was_refused_the_buffer_knows_better_than_kafka_connect() {
        Map<Integer, StoredOffset> ahead = Map.of(LANE, own(ACKNOWLEDGED + 5, "a"));
        KnownBuffer buffer = new KnownBuffer(START, END, LanePositions.all(ACKNOWLEDGED), Lanes.NONE);

        assertThat(new Resume(buffer, ahead, Lanes.NONE.with(LANE)).handled().at(LANE))
                .isEqualTo(ACKNOWLEDGED);
        assertThat(new Resume(buffer, ahead, Lanes.NONE).handled().at(LANE)).isEqualTo(ACKNOWLEDGED + 4);
    }

    private static Resume resumeAfter(StoredOffset offset) {
        return resume(Lanes.NONE.with(LANE), Map.of(LANE, offset));
    }

    private static Resume resume(Lanes stored, Map<Integer, StoredOffset> offsets) {
        return new Resume(new KnownBuffer(START, END, LanePositions.all(ACKNOWLEDGED), stored), offsets, Lanes.NONE);
    }

    private static Resume resumeAt(long start, long acknowledged, StoredOffset offset) {
        return new Resume(
                new KnownBuffer(start, END, LanePositions.all(acknowledged), Lanes.NONE),
                Map.of(LANE, offset),
                Lanes.NONE);
    }

    private static StoredOffset own(long position, String part) {
        return new StoredOffset(position, Optional.of(part), Optional.of(KnownBuffer.OWN_RUN));
    }

    private static StoredOffset set(long position) {
        return new StoredOffset(position, Optional.empty(), Optional.empty());
    }

    private static StoredMessage message(long position, int lane) {
        return new StoredMessage(position, lane, MessageBuilder.to("a").build());
    }
}
