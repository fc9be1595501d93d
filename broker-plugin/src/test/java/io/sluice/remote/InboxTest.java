package io.sluice.remote;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.sluice.buffer.log.RecordBatch;
import io.sluice.remote.wire.Batch;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class InboxTest {

    private final Inbox inbox = new Inbox();

    @Test
    void batches_come_out_in_the_order_in_which_they_went_in() {
        inbox.add(batch("one"));
        inbox.add(batch(""));
        inbox.add(batch("three"));
        assertThat(text(inbox.take().orElseThrow())).isEqualTo("one");
        assertThat(text(inbox.take().orElseThrow())).isEmpty();
        assertThat(text(inbox.take().orElseThrow())).isEqualTo("three");
        assertThat(inbox.take()).isEmpty();
    }

    @Test
    void a_batch_stays_as_it_is_until_the_next_is_taken_whatever_comes_meanwhile() {
        inbox.add(batch("one"));
        RecordBatch one = inbox.take().orElseThrow();
        inbox.add(batch("two"));
        inbox.add(batch("three"));
        assertThat(text(one)).isEqualTo("one");
        RecordBatch two = inbox.take().orElseThrow();
        inbox.add(batch("four"));
        assertThat(text(two)).isEqualTo("two");
    }

    @Test
    void memory_of_a_batch_that_is_done_with_is_used_again_and_that_of_a_very_long_one_is_not() {
        inbox.add(batch("one"));
        byte[] first = inbox.take().orElseThrow().records().array();
        inbox.take();
        inbox.add(batch("long".repeat(1_000_000)));
        byte[] second = inbox.take().orElseThrow().records().array();
        assertThat(second).isNotSameAs(first).hasSize(4_000_000);
        inbox.take();
        inbox.add(batch("two"));
        assertThat(inbox.take().orElseThrow().records().array()).isSameAs(first);
    }

    @Test
    void as_many_batches_are_asked_for_as_were_taken_a_few_at_a_time() {
        int window = inbox.dueFromTheStart();
        for (int i = 0; i < window; i++) {
            inbox.add(batch("m"));
        }
        int asked = 0;
        int requests = 0;
        for (int i = 0; i < window; i++) {
            inbox.take();
            int due = inbox.due();
            asked += due;
            requests += due > 0 ? 1 : 0;
        }
        assertThat(asked).isEqualTo(window);
        assertThat(requests).isLessThan(window);
    }

    @Test
    void a_broker_that_was_asked_for_nothing_yet_is_asked_for_what_does_not_wait_here() {
        int window = inbox.dueFromTheStart();
        inbox.add(batch("one"));
        inbox.add(batch("two"));
        inbox.take();
        assertThat(inbox.dueFromTheStart()).isEqualTo(window - 1);
        inbox.take();
        assertThat(inbox.due()).as("one of them was counted from the start").isZero();
    }

    @Test
    void a_reader_that_starves_has_more_on_their_way_but_not_without_bounds() {
        int onTheirWay = inbox.dueFromTheStart();
        for (int i = 0; i < 20; i++) {
            inbox.starved();
            onTheirWay += inbox.due();
        }
        assertThat(onTheirWay).isEqualTo(64);
        for (int i = 0; i < 64; i++) {
            inbox.add(batch("m"));
        }
        int asked = 0;
        for (int i = 0; i < 64; i++) {
            inbox.take();
            asked += inbox.due();
        }
        assertThat(asked).isEqualTo(64);
    }

    private static Batch batch(String records) {
        return Batch.newBuilder().setRecords(ByteString.copyFromUtf8(records)).build();
    }

    private static String text(RecordBatch batch) {
        return StandardCharsets.UTF_8.decode(batch.records()).toString();
    }
}
