package io.sluice.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class TallyTest {

    private static final long DUE_NS = 1_000_000;
    private static final long TAKEN_MS = 1_000_000;

    private final Tally tally = new Tally(7, 2);

    @Test
    void every_message_that_arrives_once_and_in_order_is_counted_once() {
        arrive(0, 0, 1, 2);
        arrive(1, 0, 1);

        assertThat(tally.arrived()).isEqualTo(5);
        assertThat(tally.twice()).isZero();
        assertThat(tally.outOfOrder()).isZero();
    }

    @Test
    void one_that_arrives_again_is_not_one_more() {
        arrive(0, 0, 1, 0);

        assertThat(tally.arrived()).isEqualTo(2);
        assertThat(tally.twice()).isEqualTo(1);
        assertThat(tally.outOfOrder()).isZero();
    }

    @Test
    void one_that_arrives_behind_a_later_one_of_its_client_is_out_of_order() {
        arrive(0, 0, 2, 1);
        arrive(1, 0);

        assertThat(tally.arrived()).isEqualTo(4);
        assertThat(tally.outOfOrder()).isEqualTo(1);
    }

    @Test
    void what_belongs_to_another_run_does_not_count() {
        tally.add(new Stamp(6, 0, 0, DUE_NS), 2 * DUE_NS, TAKEN_MS);

        assertThat(tally.arrived()).isZero();
    }

    @Test
    void a_latency_counts_from_when_the_message_was_due() {
        tally.add(new Stamp(7, 0, 0, DUE_NS), DUE_NS + 5_000_000, TAKEN_MS);

        assertThat(tally.latency().getMaxValue()).isBetween(4_990_000L, 5_010_000L);
    }

    @Test
    void arrivals_are_counted_by_slots_of_time() {
        tally.add(new Stamp(7, 0, 0, 0), DUE_NS, TAKEN_MS);
        tally.add(new Stamp(7, 0, 1, 0), DUE_NS + 2 * Tally.SLOT_NS, TAKEN_MS);
        tally.add(new Stamp(7, 0, 2, 0), DUE_NS + 2 * Tally.SLOT_NS + 1, TAKEN_MS);

        assertThat(tally.perSlot()).containsExactly(1, 0, 2);
    }

    @Test
    void the_rate_is_that_of_kafka_and_not_of_the_one_who_reads_later() {
        tally.add(new Stamp(7, 0, 0, 0), DUE_NS, TAKEN_MS);
        tally.add(new Stamp(7, 0, 1, 0), DUE_NS + 1, TAKEN_MS + 250);
        tally.add(new Stamp(7, 0, 2, 0), DUE_NS + 2, TAKEN_MS + 500);

        assertThat(tally.perSecond()).isEqualTo(6);
    }

    @Test
    void a_stamp_is_read_as_it_was_written() {
        ByteBuffer payload = ByteBuffer.allocate(Stamp.BYTES);
        Stamp.write(payload, 1, 2, 3, 4);

        assertThat(Stamp.read(payload.flip())).isEqualTo(new Stamp(1, 2, 3, 4));
    }

    private void arrive(int connection, int... sequence) {
        for (int number : sequence) {
            tally.add(new Stamp(7, connection, number, DUE_NS), 2 * DUE_NS, TAKEN_MS);
        }
    }
}
