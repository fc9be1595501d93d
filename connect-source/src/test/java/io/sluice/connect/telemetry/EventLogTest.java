package io.sluice.connect.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventLogTest {

    private final Hand clock = new Hand();
    private final EventLog log = new EventLog(clock);

    @Test
    void an_event_is_a_json_object_with_its_name_its_time_and_what_it_is_about() {
        new TaskEvents(log, "con\"nector", 3).deadLetter("a/b", "client", 7, "why");

        assertThat(log.getLatest())
                .containsExactly("{\"event\":\"message.dead.letter\",\"time\":\"2026-01-01T00:00:00Z\","
                        + "\"connector\":\"con\\\"nector\",\"task\":3,\"topic\":\"a/b\",\"client\":\"client\","
                        + "\"position\":7,\"error\":\"why\"}");
    }

    @Test
    void the_latest_are_kept() {
        for (int i = 0; i <= EventLog.KEPT; i++) {
            log.info("event", Map.of("n", i));
        }

        assertThat(log.getLatest()).hasSize(EventLog.KEPT);
        assertThat(log.getLatest()[0]).contains("\"n\":1}");
    }

    @Test
    void of_errors_there_are_so_many_a_minute_and_the_next_minute_says_how_many_were_left_out() {
        for (int i = 0; i < EventLog.ERRORS_PER_MINUTE + 5; i++) {
            log.error("error", Map.of());
        }
        assertThat(log.getLatest()).hasSize(EventLog.ERRORS_PER_MINUTE);

        clock.now = clock.now.plus(Duration.ofMinutes(1));
        log.error("error", Map.of());

        assertThat(log.getLatest()).hasSize(EventLog.ERRORS_PER_MINUTE + 2);
        assertThat(log.getLatest()[EventLog.ERRORS_PER_MINUTE]).contains("errors.left.out", "\"count\":5");
    }

    @Test
    void a_task_that_fails_is_told_however_many_messages_cannot_be_mapped() {
        TaskEvents events = new TaskEvents(log, "connector", 0);
        for (int i = 0; i < EventLog.ERRORS_PER_MINUTE; i++) {
            events.deadLetter("a", "client", i, "why");
        }

        events.failed(new IllegalStateException("gone"));
        events.brokerRestarted("default");

        assertThat(log.getLatest()).hasSize(EventLog.ERRORS_PER_MINUTE + 2);
        assertThat(log.getLatest()[EventLog.ERRORS_PER_MINUTE]).contains("task.failed", "gone");
    }

    private static final class Hand extends Clock {

        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
