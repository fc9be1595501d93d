package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.delivery.SilenceWatch.Silence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class OutstandingTest {

    private final Outstanding outstanding = new Outstanding(LanePositions.all(9));

    @Test
    void before_anything_is_read_all_is_dealt_with_up_to_where_reading_begins() {
        LanePositions begin = LanePositions.of(lane -> 10L * lane);

        assertThat(new Outstanding(begin).handled()).isEqualTo(begin);
    }

    @Test
    void a_lane_with_nothing_on_its_way_follows_the_reading_and_one_with_something_stops_before_it() {
        outstanding.handOver(List.of(new Delivery(1, 12, 0, 1200), new Delivery(2, 15, 0, 1500)), 20);

        assertThat(outstanding.handled().at(0)).isEqualTo(19);
        assertThat(outstanding.handled().at(1)).isEqualTo(11);
        assertThat(outstanding.handled().at(2)).isEqualTo(14);
    }

    @Test
    void acknowledgements_out_of_order_count_when_those_before_have_come() {
        Delivery first = new Delivery(1, 10, 0, 1000);
        Delivery second = new Delivery(1, 13, 0, 1300);
        Delivery third = new Delivery(1, 17, 0, 1700);
        outstanding.handOver(List.of(first, second, third), 20);

        assertThat(outstanding.settle(third, true)).isFalse();
        assertThat(outstanding.handled().at(1)).isEqualTo(9);
        assertThat(outstanding.settle(first, true)).isFalse();
        assertThat(outstanding.handled().at(1)).isEqualTo(12);
        assertThat(outstanding.settle(second, true)).isTrue();
        assertThat(outstanding.handled().at(1)).isEqualTo(19);
    }

    @Test
    void a_record_of_which_nothing_is_heard_for_a_minute_though_something_is_of_others_is_held_up() {
        Delivery stuck = new Delivery(1, 10, 0, 1000);
        Delivery other = new Delivery(2, 11, 0, 1000);
        Delivery behind = new Delivery(1, 12, 0, 1000);
        outstanding.handOver(List.of(stuck, other, behind), 20);
        List.of(stuck, other, behind).forEach(delivery -> delivery.take("topic"));
        long soon = System.nanoTime() + Duration.ofSeconds(50).toNanos();
        long late = System.nanoTime() + Duration.ofSeconds(70).toNanos();
        outstanding.settle(other, true);
        outstanding.settle(behind, true);

        assertThat(outstanding.heldUp(soon)).isEmpty();
        assertThat(outstanding.heldUp(late)).contains(stuck);
        assertThat(Silence.ofOne(stuck).reason()).contains("topic topic").contains("restart the connector");
        assertThat(Silence.ofReading(stuck).reason()).contains("reads no more", "topic topic", "restart the connector");
        outstanding.settle(stuck, true);
        assertThat(outstanding.heldUp(late)).isEmpty();
    }

    @Test
    void what_is_settled_behind_a_record_is_remembered_until_that_record_is_settled() {
        Delivery stuck = new Delivery(1, 10, 0, 1000);
        Delivery behind = new Delivery(1, 11, 0, 1000);
        Delivery elsewhere = new Delivery(2, 12, 0, 1000);
        outstanding.handOver(List.of(stuck, behind, elsewhere), 20);
        outstanding.settle(behind, true);
        outstanding.settle(elsewhere, false);
        outstanding.handled();

        assertThat(outstanding.keptBehind()).isEqualTo(1);
        outstanding.settle(stuck, true);
        outstanding.handled();
        assertThat(outstanding.keptBehind()).isZero();
    }

    @Test
    void a_message_of_several_records_is_dealt_with_when_all_of_them_are() {
        Delivery part0 = new Delivery(1, 10, 0, 1000);
        Delivery part1 = new Delivery(1, 10, 0, 1000);
        outstanding.handOver(List.of(part0, part1), 11);

        outstanding.settle(part0, true);
        assertThat(outstanding.handled().at(1)).isEqualTo(9);
        outstanding.settle(part1, true);
        assertThat(outstanding.handled().at(1)).isEqualTo(10);
    }

    @Test
    void a_dropped_record_is_dealt_with_but_leaves_no_offset_in_kafka_connect() {
        Delivery dropped = new Delivery(1, 10, 0, 1000);
        Delivery sent = new Delivery(2, 11, 0, 1100);
        outstanding.handOver(List.of(dropped, sent), 12);

        outstanding.settle(dropped, false);
        outstanding.settle(sent, true);

        assertThat(outstanding.handled().at(1)).isEqualTo(11);
        assertThat(outstanding.sent()).isEqualTo(Lanes.NONE.with(2));
    }

    @Test
    void a_record_that_was_sent_before_an_earlier_one_leaves_no_offset_yet() {
        Delivery first = new Delivery(1, 10, 0, 1000);
        Delivery second = new Delivery(1, 11, 0, 1100);
        outstanding.handOver(List.of(first, second), 12);
        outstanding.settle(second, true);
        outstanding.handled();

        assertThat(outstanding.sent()).isEqualTo(Lanes.NONE);
    }

    @Test
    void a_late_acknowledgement_of_what_was_dropped_with_the_rest_changes_nothing() {
        Delivery filtered = new Delivery(1, 10, 0, 1000);
        outstanding.handOver(List.of(filtered), 11);
        outstanding.dropRest(Set.of());
        assertThat(outstanding.handled().at(1)).isEqualTo(10);

        Delivery next = new Delivery(1, 11, 0, 1100);
        outstanding.handOver(List.of(next), 12);
        assertThat(outstanding.settle(filtered, false)).isFalse();
        assertThat(outstanding.handled().at(1)).isEqualTo(10);
        assertThat(outstanding.settle(next, true)).isTrue();
    }

    @Test
    void a_look_sees_what_has_arrived_and_leaves_everything_as_it_is() {
        Delivery sent = new Delivery(1, 10, 0, 1000);
        Delivery dropped = new Delivery(1, 11, 0, 1100);
        Delivery waiting = new Delivery(1, 12, 0, 1200);
        Delivery behind = new Delivery(1, 13, 0, 1300);
        outstanding.handOver(List.of(sent, dropped, waiting, behind), 14);
        outstanding.settle(sent, true);
        outstanding.settle(dropped, false);
        outstanding.settle(behind, true);

        Outstanding.Look look = outstanding.look();

        assertThat(look.handled().at(1)).isEqualTo(11);
        assertThat(look.handled().at(2)).isEqualTo(13);
        assertThat(look.inKafka()).isEqualTo(1);
        assertThat(look.dropped()).isEqualTo(1);
        assertThat(look.oldestReceivedAtMs()).isEqualTo(1200);
        assertThat(outstanding.sent()).isEqualTo(Lanes.NONE);
        assertThat(outstanding.handled()).isEqualTo(look.handled());
        assertThat(outstanding.look()).isEqualTo(look);
        assertThat(outstanding.sent()).isEqualTo(Lanes.NONE.with(1));
    }

    @Test
    void before_anything_is_handed_over_a_look_sees_nothing_on_its_way() {
        assertThat(outstanding.look()).isEqualTo(new Outstanding.Look(LanePositions.all(9), 0, 0, Long.MAX_VALUE));
    }

    @Test
    void acknowledgements_from_many_threads_in_any_order_are_all_counted() throws Exception {
        List<Delivery> deliveries = new ArrayList<>();
        for (int position = 10; position < 20_010; position++) {
            deliveries.add(new Delivery(position % Lanes.COUNT, position, 0, 0));
        }
        outstanding.handOver(deliveries, 20_010);
        List<Delivery> shuffled = new ArrayList<>(deliveries);
        Collections.shuffle(shuffled, new Random(1));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Long>> last = new ArrayList<>();
        for (int part = 0; part < 4; part++) {
            List<Delivery> share = shuffled.subList(part * 5_000, (part + 1) * 5_000);
            last.add(threads.submit(() -> share.stream()
                    .filter(delivery -> {
                        outstanding.handled();
                        return outstanding.settle(delivery, true);
                    })
                    .count()));
        }
        long lastSettled = 0;
        for (Future<Long> count : last) {
            lastSettled += count.get();
        }
        threads.shutdown();

        assertThat(lastSettled).isEqualTo(1);
        assertThat(outstanding.handled()).isEqualTo(LanePositions.all(20_009));
        assertThat(outstanding.sent()).isEqualTo(Lanes.ALL);
    }
}
