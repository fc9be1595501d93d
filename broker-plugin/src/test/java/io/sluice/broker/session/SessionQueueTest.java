package io.sluice.broker.session;

import static io.sluice.broker.session.TestSessions.drain;
import static io.sluice.broker.session.TestSessions.inHeap;
import static io.sluice.broker.session.TestSessions.publish;
import static io.sluice.broker.session.TestSessions.queuesOf;
import static io.sluice.broker.session.TestSessions.session;
import static io.sluice.broker.session.TestSessions.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SessionQueueTest {

    private static SessionQueue queue(SessionStore store, String clientId) {
        store.save(session(clientId));
        return store.queue(clientId);
    }

    @Test
    void messages_leave_in_the_order_in_which_they_came() {
        try (SessionStore store = inHeap(SessionLimits.DEFAULT)) {
            SessionQueue queue = queue(store, "c");
            for (int i = 0; i < 100; i++) {
                queue.add(publish("t", "m" + i));
            }
            List<String> texts = drain(queue);
            assertThat(texts).hasSize(100).startsWith("m0", "m1").endsWith("m99");
            assertThat(queue.size()).isZero();
            assertThat(store.stats().storedBytes()).isLessThan(200);
        }
    }

    @Test
    void a_message_comes_back_with_everything_that_belongs_to_it() {
        PublishProperties properties = new PublishProperties(
                true,
                OptionalLong.of(0xFFFF_FFFFL),
                Optional.of("text/plain"),
                Optional.of("answers/ü"),
                Optional.of(ByteBuffer.wrap(new byte[] {1, 0, -1})),
                List.of(new UserProperty("a", "b"), new UserProperty("a", ""), new UserProperty("", "c")));
        StoredPublish publish = new StoredPublish(
                "größe/1",
                Qos.EXACTLY_ONCE,
                true,
                OptionalLong.of(System.currentTimeMillis() + 100_000),
                properties,
                ByteBuffer.wrap(new byte[] {9, 8, 7}));
        try (SessionStore store = inHeap(SessionLimits.DEFAULT)) {
            SessionQueue queue = queue(store, "c");
            queue.add(publish, Qos.AT_LEAST_ONCE, false, List.of(3, 268_435_455));
            QueuedPublish taken = queue.take().orElseThrow();
            assertThat(taken.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
            assertThat(taken.retained()).isFalse();
            assertThat(taken.duplicate()).isFalse();
            assertThat(taken.subscriptionIdentifiers()).containsExactly(3, 268_435_455);
            StoredPublish read = taken.publish();
            assertThat(read.topic()).isEqualTo("größe/1");
            assertThat(read.qos()).isEqualTo(Qos.EXACTLY_ONCE);
            assertThat(read.retained()).isTrue();
            assertThat(read.properties()).isEqualTo(properties);
            assertThat(read.payload()).isEqualTo(ByteBuffer.wrap(new byte[] {9, 8, 7}));
            assertThat(read.expiresAtMs().orElseThrow())
                    .isBetween(
                            publish.expiresAtMs().orElseThrow() - 1_000,
                            publish.expiresAtMs().orElseThrow() + 1_000);
        }
    }

    @Test
    void a_message_for_queues_of_two_stores_in_turn_is_stored_once_in_each() {
        try (SessionStore store = inHeap(SessionLimits.DEFAULT)) {
            SessionStore passing = store.passing(256L << 20);
            StoredPublish publish = publish("t", "x".repeat(10_000));
            for (int i = 0; i < 10; i++) {
                queue(store, "kept" + i).add(publish);
                queue(passing, "passing" + i).add(publish);
            }
            for (SessionStore each : List.of(store, passing)) {
                assertThat(each.stats().storedBytes()).isBetween(10_000L, 19_000L);
            }
        }
    }

    @Test
    void a_message_that_was_taken_stays_until_it_is_removed_and_comes_again_marked_when_it_is_put_back() {
        try (SessionStore store = inHeap(SessionLimits.DEFAULT)) {
            SessionQueue queue = queue(store, "c");
            for (String text : List.of("a", "b", "c", "d")) {
                queue.add(publish("t", text));
            }
            queue.take();
            QueuedPublish b = queue.take().orElseThrow();
            queue.take();
            queue.remove(b);
            assertThat(queue.size()).isEqualTo(3);
            queue.putBack();
            queue.add(publish("t", "e"));
            QueuedPublish again = queue.take().orElseThrow();
            assertThat(text(again)).isEqualTo("a");
            assertThat(again.duplicate()).isTrue();
            queue.remove(again);
            assertThat(queue.take().map(QueuedPublish::duplicate)).contains(true);
            QueuedPublish d = queue.take().orElseThrow();
            assertThat(text(d)).isEqualTo("d");
            assertThat(d.duplicate()).isFalse();
            queue.putBack();
            assertThat(drain(queue)).containsExactly("c", "d", "e");
        }
    }

    @Test
    void removing_a_message_twice_removes_one() {
        try (SessionStore store = inHeap(SessionLimits.DEFAULT)) {
            SessionQueue queue = queue(store, "c");
            queue.add(publish("t", "a"));
            queue.add(publish("t", "b"));
            QueuedPublish a = queue.take().orElseThrow();
            queue.remove(a);
            queue.remove(a);
            assertThat(drain(queue)).containsExactly("b");
        }
    }

    @Test
    void past_its_number_of_messages_the_oldest_goes_that_is_not_on_its_way() {
        try (SessionStore store = inHeap(queuesOf(3, 1 << 20))) {
            SessionQueue queue = queue(store, "c");
            for (String text : List.of("a", "b", "c")) {
                queue.add(publish("t", text));
            }
            queue.take();
            queue.add(publish("t", "d"));
            queue.putBack();
            assertThat(drain(queue)).containsExactly("a", "c", "d");
            assertThat(store.stats().dropped()).containsEntry(QueueLoss.QUEUE_FULL, 1L);
        }
    }

    @Test
    void past_its_bytes_the_oldest_goes() {
        try (SessionStore store = inHeap(queuesOf(1_000, 1_000))) {
            SessionQueue queue = queue(store, "c");
            for (int i = 0; i < 10; i++) {
                queue.add(publish("t", i + "x".repeat(300)));
            }
            assertThat(store.stats().queuedBytes()).isBetween(600L, 1_000L);
            assertThat(drain(queue)).hasSize(2).last().asString().startsWith("9");
        }
    }

    @Test
    void a_message_larger_than_the_queue_costs_no_other() {
        try (SessionStore store = inHeap(queuesOf(1_000, 1_000))) {
            SessionQueue queue = queue(store, "c");
            queue.add(publish("t", "small"));
            queue.add(publish("t", "x".repeat(2_000)));
            assertThat(drain(queue)).containsExactly("small");
            assertThat(store.stats().dropped()).containsEntry(QueueLoss.QUEUE_FULL, 1L);
        }
    }

    @Test
    void while_all_are_on_their_way_a_full_queue_takes_nothing() {
        try (SessionStore store = inHeap(queuesOf(2, 1 << 20))) {
            SessionQueue queue = queue(store, "c");
            queue.add(publish("t", "a"));
            queue.add(publish("t", "b"));
            queue.take();
            queue.take();
            queue.add(publish("t", "c"));
            queue.putBack();
            assertThat(drain(queue)).containsExactly("a", "b");
        }
    }

    @Test
    void what_has_expired_is_not_taken_and_is_counted() {
        try (SessionStore store = inHeap(SessionLimits.DEFAULT)) {
            SessionQueue queue = queue(store, "c");
            queue.add(publish("t", "late", OptionalLong.of(System.currentTimeMillis() - 1)));
            queue.add(publish("t", "fresh", OptionalLong.of(System.currentTimeMillis() + 60_000)));
            assertThat(drain(queue)).containsExactly("fresh");
            assertThat(store.stats().dropped()).containsEntry(QueueLoss.EXPIRED, 1L);
        }
    }

    @Test
    void a_thousand_sessions_store_one_message_once() {
        try (SessionStore store = inHeap(SessionLimits.DEFAULT)) {
            StoredPublish publish = publish("t", "x".repeat(10_000));
            for (int i = 0; i < 1_000; i++) {
                queue(store, "c" + i).add(publish);
            }
            SessionStats stats = store.stats();
            assertThat(stats.queuedMessages()).isEqualTo(1_000);
            assertThat(stats.queuedBytes()).isGreaterThan(10_000_000);
            assertThat(stats.storedBytes()).isLessThan(200_000);
            for (int i = 0; i < 1_000; i++) {
                assertThat(drain(store.queue("c" + i))).singleElement().isEqualTo("x".repeat(10_000));
            }
            assertThat(store.stats().storedBytes()).isLessThan(100_000);
        }
    }

    @Test
    void past_the_bytes_of_the_store_the_largest_queue_pays() {
        try (SessionStore store = inHeap(queuesOf(100_000, 1 << 20))) {
            SessionQueue modest = queue(store, "modest");
            modest.add(publish("t", "kept"));
            SessionQueue greedy = queue(store, "greedy");
            for (int i = 0; i < 2_000; i++) {
                greedy.add(publish("t", i + "x".repeat(1_000)));
            }
            modest.add(publish("t", "also kept"));
            assertThat(drain(modest)).containsExactly("kept", "also kept");
            assertThat(store.stats().storedBytes()).isLessThanOrEqualTo(1 << 20);
            assertThat(drain(greedy)).last().asString().startsWith("1999");
        }
    }

    @Test
    void queues_of_sessions_that_end_with_their_connections_take_an_eighth_of_the_heap_at_most() {
        try (SessionStore store = inHeap(SessionLimits.DEFAULT)) {
            SessionStore passing = store.passing(256L << 20);
            SessionQueue modest = queue(passing, "modest");
            modest.add(publish("t", "kept"));
            for (int slow = 0; slow < 5; slow++) {
                SessionQueue queue = queue(passing, "slow" + slow);
                for (int i = 0; i < 100; i++) {
                    queue.add(publish("t", i + "x".repeat(100_000)));
                }
            }
            assertThat(passing.stats().storedBytes()).isBetween(31L << 20, 32L << 20);
            assertThat(store.stats().dropped().get(QueueLoss.STORE_FULL)).isBetween(160L, 180L);
            assertThat(drain(modest)).containsExactly("kept");
            assertThat(drain(passing.queue("slow4"))).last().asString().startsWith("99x");
        }
    }

    @Test
    void messages_in_the_heap_may_take_16_mebibytes_of_any_heap_and_no_more_than_a_lower_limit() {
        assertThat(SessionLimits.DEFAULT.inHeapOf(64L << 20).storedBytes()).isEqualTo(16L << 20);
        assertThat(SessionLimits.DEFAULT.inHeapOf(1L << 40).storedBytes()).isEqualTo(1L << 30);
        assertThat(queuesOf(1, 1).inHeapOf(256L << 20).storedBytes()).isEqualTo(1 << 20);
    }

    @Test
    void the_queue_of_a_deleted_session_is_empty_and_takes_nothing() {
        try (SessionStore store = inHeap(SessionLimits.DEFAULT)) {
            SessionQueue queue = queue(store, "c");
            assertThat(store.queue("c")).isSameAs(queue);
            queue.add(publish("t", "a"));
            QueuedPublish taken = queue.take().orElseThrow();
            queue.add(publish("t", "b"));
            store.delete("c");
            queue.add(publish("t", "c"));
            queue.remove(taken);
            assertThat(queue.take()).isEmpty();
            assertThat(store.stats().queuedMessages()).isZero();
            assertThat(store.stats().storedBytes()).isZero();
            assertThat(queue(store, "c").size()).isZero();
        }
    }
}
