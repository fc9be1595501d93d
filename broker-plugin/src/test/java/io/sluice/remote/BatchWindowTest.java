package io.sluice.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.remote.wire.Batch;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BatchWindowTest {

    private final BatchWindow batches = new BatchWindow();

    @Test
    void batches_come_out_in_the_order_in_which_they_went_in() {
        batches.dueFromTheStart();
        batches.add(batch("one"));
        batches.add(batch(""));
        batches.add(batch("three"));
        assertThat(text(batches.take().orElseThrow())).isEqualTo("one");
        assertThat(text(batches.take().orElseThrow())).isEmpty();
        assertThat(text(batches.take().orElseThrow())).isEqualTo("three");
        assertThat(batches.take()).isEmpty();
    }

    @Test
    void a_batch_stays_as_it_is_until_the_next_is_taken_whatever_comes_meanwhile() {
        batches.dueFromTheStart();
        batches.add(batch("one"));
        RecordBatch one = batches.take().orElseThrow();
        batches.add(batch("two"));
        batches.add(batch("three"));
        assertThat(text(one)).isEqualTo("one");
        RecordBatch two = batches.take().orElseThrow();
        batches.add(batch("four"));
        assertThat(text(two)).isEqualTo("two");
    }

    @Test
    void memory_of_a_batch_that_is_done_with_is_used_again_and_that_of_a_very_long_one_is_not() {
        batches.dueFromTheStart();
        batches.add(batch("one"));
        byte[] first = batches.take().orElseThrow().records().array();
        batches.take();
        batches.add(batch("long".repeat(1_000_000)));
        byte[] second = batches.take().orElseThrow().records().array();
        assertThat(second).isNotSameAs(first).hasSize(4_000_000);
        batches.take();
        batches.add(batch("two"));
        assertThat(batches.take().orElseThrow().records().array()).isSameAs(first);
    }

    @Test
    void as_many_batches_are_asked_for_as_were_taken_a_few_at_a_time() {
        int window = batches.dueFromTheStart();
        for (int i = 0; i < window; i++) {
            batches.add(batch("m"));
        }
        int asked = 0;
        int requests = 0;
        for (int i = 0; i < window; i++) {
            batches.take();
            int due = batches.due();
            asked += due;
            requests += due > 0 ? 1 : 0;
        }
        assertThat(asked).isEqualTo(window);
        assertThat(requests).isLessThan(window);
    }

    @Test
    void a_broker_that_was_asked_for_nothing_yet_is_asked_for_what_does_not_wait_here() {
        int window = batches.dueFromTheStart();
        batches.add(batch("one"));
        batches.add(batch("two"));
        batches.take();
        assertThat(batches.dueFromTheStart()).isEqualTo(window - 1);
        batches.take();
        assertThat(batches.due()).as("one of them was counted from the start").isZero();
    }

    @Test
    void a_broker_sends_no_more_than_it_was_asked_for() {
        assertRefused();
        int window = batches.dueFromTheStart();
        for (int i = 0; i < window; i++) {
            batches.add(batch("m"));
        }
        assertRefused();

        for (int i = 0; i < window; i++) {
            assertThat(batches.take()).isPresent();
        }
        assertThat(batches.take()).isEmpty();
        assertThat(batches.due()).isEqualTo(window);
        batches.add(batch("m"));
    }

    private void assertRefused() {
        assertThatThrownBy(() -> batches.add(batch("more")))
                .isInstanceOf(BufferException.class)
                .hasMessage("the broker sends more batches than it was asked for");
    }

    @Test
    void a_reader_that_starves_has_more_on_their_way_but_not_without_bounds() {
        int onTheirWay = batches.dueFromTheStart();
        for (int i = 0; i < 20; i++) {
            batches.starved();
            onTheirWay += batches.due();
        }
        assertThat(onTheirWay).isEqualTo(64);
        for (int i = 0; i < 64; i++) {
            batches.add(batch("m"));
        }
        int asked = 0;
        for (int i = 0; i < 64; i++) {
            batches.take();
            asked += batches.due();
        }
        assertThat(asked).isEqualTo(64);
    }

    @Test
    void of_long_batches_fewer_are_asked_for_until_they_are_short_again() {
        int onTheirWay = batches.dueFromTheStart();
        for (int i = 0; i < 20; i++) {
            batches.starved();
            onTheirWay += batches.due();
        }
        Batch mebibytes = batch("x".repeat(4 << 20));
        for (int i = 0; i < 100; i++) {
            onTheirWay += askedAfter(mebibytes) - 1;
        }
        assertThat(onTheirWay).as("of 4 MiB").isEqualTo(4);
        onTheirWay += askedAfter(batch("m")) - 1;
        assertThat(onTheirWay).as("another long one may follow").isLessThan(8);
        for (int i = 0; i < 100; i++) {
            onTheirWay += askedAfter(batch("m")) - 1;
        }
        assertThat(onTheirWay).as("short ones").isGreaterThan(32);
    }

    private int askedAfter(Batch next) {
        batches.add(next);
        batches.take();
        return batches.due();
    }

    private static Batch batch(String records) {
        return Batch.newBuilder().setRecords(ByteString.copyFromUtf8(records)).build();
    }

    private static String text(RecordBatch batch) {
        return StandardCharsets.UTF_8.decode(batch.records()).toString();
    }
}
