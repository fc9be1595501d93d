package io.sluice.broker.session;

import static io.sluice.broker.session.TestSessions.awaitSafe;
import static io.sluice.broker.session.TestSessions.drain;
import static io.sluice.broker.session.TestSessions.publish;
import static io.sluice.broker.session.TestSessions.retained;
import static io.sluice.broker.session.TestSessions.safe;
import static io.sluice.broker.session.TestSessions.session;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.session.TestSessions.Clocks;
import io.sluice.file.CountedFolder;
import io.sluice.file.FaultyFolder;
import io.sluice.file.ForwardingFolder;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Full and broken disks. */
@Timeout(120)
class FailingDiskSessionsTest {

    private final Clocks clocks = new Clocks();
    private final FaultyFolder folder = new FaultyFolder();

    private static void assertFails(CompletableFuture<Void> safe) {
        assertThatThrownBy(() -> safe.orTimeout(30, TimeUnit.SECONDS).join())
                .hasCauseInstanceOf(SessionStoreException.class);
    }

    /** Until the disk has taken everything. */
    private static void awaitHealed(SessionStore store) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> safe(store)
                        .orTimeout(30, TimeUnit.SECONDS)
                        .handle((done, failure) -> failure == null)
                        .join());
    }

    private void assertEverythingIsThere(SessionStore store) {
        assertThat(drain(store.queue("c"))).containsExactly("before", "while full");
        assertThat(retained(store, "#")).containsExactly("r=while full");
        assertThat(store.sessions()).hasSize(2);
    }

    private void fill(SessionStore store) {
        store.save(session("c"));
        store.queue("c").add(publish("t", "before"));
        awaitSafe(store);
        folder.setFreeBytes(10);
        store.queue("c").add(publish("t", "while full"));
        assertFails(safe(store));
        store.save(session("d"));
        store.retain(publish("r", "while full"));
        assertFails(safe(store));
    }

    @Test
    void a_store_that_cannot_be_opened_leaves_no_file_and_no_folder_open() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(session("c"));
            awaitSafe(store);
        }
        for (Map<String, byte[]> disk : List.of(folder.safe(), Map.<String, byte[]>of())) {
            FaultyFolder failing = new FaultyFolder(disk);
            failing.onForce(forcing -> {
                throw new IllegalStateException("in this test");
            });
            CountedFolder counted = new CountedFolder(failing);

            assertThatThrownBy(() -> TestSessions.open(counted, clocks)).hasMessage("in this test");

            assertThat(counted.openFiles()).isZero();
            assertThat(counted.isReleased()).isTrue();
        }
    }

    @Test
    void while_the_disk_is_full_nothing_is_safe_and_everything_is_there() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            fill(store);
            assertThat(store.stats().failures()).isPositive();
            assertEverythingIsThere(store);
        }
    }

    @Test
    void what_came_while_the_disk_was_full_is_written_once_it_is_not() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            fill(store);
            folder.setFreeBytes(Long.MAX_VALUE);
            awaitHealed(store);
            try (SessionStore left = TestSessions.open(new FaultyFolder(folder.safe()), clocks)) {
                assertEverythingIsThere(left);
            }
        }
    }

    @Test
    void a_crash_while_the_disk_is_full_costs_what_was_not_safe_and_nothing_else() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            fill(store);
            try (SessionStore left = TestSessions.open(new FaultyFolder(folder.safe()), clocks)) {
                assertThat(drain(left.queue("c"))).first().isEqualTo("before");
            }
        }
    }

    @Test
    void after_a_force_that_failed_a_whole_new_journal_is_written() {
        AtomicBoolean failing = new AtomicBoolean();
        List<String> forced = new CopyOnWriteArrayList<>();
        folder.onForce(forcing -> {
            forced.add(forcing.name());
            if (failing.getAndSet(false)) {
                throw new IOException("Input/output error");
            }
        });
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(session("c"));
            store.queue("c").add(publish("t", "before"));
            awaitSafe(store);
            failing.set(true);
            store.queue("c").add(publish("t", "while full"));
            awaitHealed(store);
            assertThat(store.stats().failures()).isPositive();
            assertThat(forced).contains(Journal.NEW_NAME);
            try (SessionStore left = TestSessions.open(new FaultyFolder(folder.safe()), clocks)) {
                assertThat(drain(left.queue("c"))).containsExactly("before", "while full");
            }
        }
    }

    @Test
    void a_disk_that_is_full_when_the_store_is_opened_is_no_reason_not_to_open() {
        folder.setFreeBytes(0);
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(session("c"));
            assertFails(safe(store));
            store.queue("c").add(publish("t", "x"));
            folder.setFreeBytes(Long.MAX_VALUE);
            awaitHealed(store);
        }
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            assertThat(drain(store.queue("c"))).containsExactly("x");
        }
    }

    @Test
    void listeners_hear_in_the_order_in_which_they_were_handed_over() {
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            for (int i = 0; i < 1_000; i++) {
                int number = i;
                store.save(session("c" + i % 7));
                all.add(safe(store).whenComplete((done, failure) -> order.add(number)));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
        }
        assertThat(order).hasSize(1_000).isSorted();
    }

    @Test
    void a_listener_that_fails_costs_no_other_its_news_and_stops_nothing() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(session("c"));
            store.whenSafe(new SafeListener() {
                @Override
                public void safe() {
                    throw new StackOverflowError("a fault that nobody foresaw");
                }

                @Override
                public void failed(SessionStoreException cause) {
                    throw new StackOverflowError("a fault that nobody foresaw");
                }
            });
            awaitSafe(store);
            store.save(session("d"));
            awaitSafe(store);
        }
    }

    @Test
    void what_cannot_be_read_while_the_disk_fails_is_there_when_it_does_not() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(session("c"));
            SessionQueue queue = store.queue("c");
            queue.add(publish("t", "queued"));
            awaitSafe(store);
            folder.setFreeBytes(0);
            store.save(session("d"));
            assertFails(safe(store));

            folder.failReadsFrom(name -> true);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(queue::take).isInstanceOf(SessionStoreException.class);
            }
            folder.failReadsFrom(name -> {
                throw new StackOverflowError("a fault that nobody foresaw");
            });
            assertThatThrownBy(queue::take).isInstanceOf(StackOverflowError.class);

            folder.failReadsFrom(name -> false);
            assertThat(drain(queue)).containsExactly("queued");
        }
    }

    @Test
    void what_cannot_be_read_twice_while_the_disk_writes_is_dropped_and_what_follows_is_not() {
        AtomicInteger reads = new AtomicInteger();
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(session("c"));
            SessionQueue queue = store.queue("c");
            queue.add(publish("t", "first"));
            queue.add(publish("t", "second"));
            awaitSafe(store);
            folder.failReadsFrom(name -> reads.incrementAndGet() <= 2);
            assertThatThrownBy(queue::take).isInstanceOf(SessionStoreException.class);
            assertThat(store.stats().dropped()).containsEntry(QueueLoss.UNREADABLE, 0L);
            assertThat(drain(queue)).containsExactly("second");
            assertThat(store.stats().dropped()).containsEntry(QueueLoss.UNREADABLE, 1L);
        }
    }

    @Test
    void what_waits_for_a_disk_that_takes_nothing_is_bounded_and_not_acknowledged() {
        SessionLimits limits = new SessionLimits(10_000, 100_000, 1L << 30, 10, 100_000, 10, 1 << 20, 1L << 30);
        try (SessionStore store = TestSessions.open(folder, clocks, limits)) {
            store.save(session("c"));
            store.queue("c").add(publish("t", "first"));
            awaitSafe(store);
            folder.setFreeBytes(0);
            String payload = "x".repeat(1 << 20);
            int taken = 0;
            while (store.queue("c").add(publish("t", payload)) && taken < 1_000) {
                taken++;
            }
            assertThat(taken).isBetween(30, 40);
            assertFails(safe(store));
            assertThat(store.stats().dropped()).containsEntry(QueueLoss.DISK, 1L);
            folder.setFreeBytes(Long.MAX_VALUE);
            awaitHealed(store);
            assertThat(store.queue("c").add(publish("t", "last"))).isTrue();
            awaitSafe(store);
            try (SessionStore left = TestSessions.open(new FaultyFolder(folder.safe()), clocks, limits)) {
                assertThat(drain(left.queue("c")))
                        .hasSize(taken + 2)
                        .startsWith("first")
                        .endsWith("last");
            }
        }
    }

    @Test
    void messages_that_replace_each_other_while_the_disk_is_full_are_refused_before_they_fill_the_heap() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.retain(publish("status", "first"));
            awaitSafe(store);
            folder.setFreeBytes(10);
            store.save(session("c"));
            String payload = "x".repeat(100_000);
            long taken = IntStream.range(0, 1_000)
                    .filter(i -> store.retain(publish("status", payload + i)))
                    .count();
            assertThat(taken * payload.length()).isBetween(32L << 20, 33L << 20);
            // An attempt that fails forgets what was replaced, and takes nothing for that.
            long failures = store.stats().failures();
            await().atMost(Duration.ofSeconds(30)).until(() -> store.stats().failures() > failures + 1);
            assertThat(store.retain(publish("status", "small"))).isFalse();
            assertThat(store.stats().refused()).containsEntry(Refusal.DISK, 1_001 - taken);
            folder.setFreeBytes(Long.MAX_VALUE);
            awaitHealed(store);
            assertThat(store.retain(publish("status", "last"))).isTrue();
            awaitSafe(store);
            try (SessionStore left = TestSessions.open(new FaultyFolder(folder.safe()), clocks)) {
                assertThat(retained(left, "#")).containsExactly("status=last");
            }
        }
    }

    @Test
    void messages_that_a_queue_drops_while_the_disk_hangs_count_until_it_takes_them() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(session("c"));
            awaitSafe(store);
            folder.onForce(forcing -> {
                hangs.countDown();
                try {
                    goesOn.await();
                } catch (InterruptedException e) {
                    throw new InterruptedIOException();
                }
            });
            SessionQueue queue = store.queue("c");
            String payload = "x".repeat(100_000);
            // What the disk has taken part of counts as well.
            for (int i = 0; i < 100; i++) {
                queue.add(publish("t", payload));
            }
            hangs.await();
            long taken = 100
                    + IntStream.range(0, 1_000)
                            .filter(i -> queue.add(publish("t", payload)))
                            .count();
            assertThat(taken * payload.length()).isBetween(32L << 20, 33L << 20);
            assertThat(store.stats().dropped()).containsEntry(QueueLoss.DISK, 1_100 - taken);
            goesOn.countDown();
            awaitHealed(store);
            assertThat(queue.add(publish("t", "last"))).isTrue();
            awaitSafe(store);
            assertThat(drain(queue)).endsWith("last");
        }
    }

    @Test
    void a_disk_without_room_for_a_second_journal_keeps_the_first() {
        TestSessions.open(folder, clocks).close();
        try (SessionStore store = TestSessions.open(folder, clocks, SessionLimits.DEFAULT, 2_000)) {
            store.save(session("c"));
            SessionQueue queue = store.queue("c");
            queue.add(publish("t", "kept" + "y".repeat(3_000)));
            awaitSafe(store);
            folder.failWritesTo(Journal.NEW_NAME::equals);
            for (int i = 0; i < 50; i++) {
                queue.add(publish("t", "x".repeat(1_000)));
                awaitSafe(store);
                QueuedPublish kept = queue.take().orElseThrow();
                queue.remove(queue.take().orElseThrow());
                assertThat(TestSessions.text(kept)).startsWith("kept");
                queue.putBack();
                clocks.pass(Duration.ofMinutes(2)); // it is tried again from time to time
            }
            awaitSafe(store);
            assertThat(store.stats().failures()).isZero();
        }
        folder.failWritesTo(name -> false);
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            assertThat(drain(store.queue("c"))).singleElement().asString().startsWith("kept");
        }
    }

    @Test
    void what_is_safe_after_the_name_of_a_new_journal_could_not_be_forced_survives_a_kill() throws Exception {
        AtomicBoolean anew = new AtomicBoolean();
        AtomicBoolean failed = new AtomicBoolean();
        ForwardingFolder failing = new ForwardingFolder(folder) {
            @Override
            public void rename(String from, String to) throws IOException {
                super.rename(from, to);
                anew.set(!failed.get());
            }

            @Override
            public void force() throws IOException {
                if (anew.getAndSet(false)) {
                    failed.set(true);
                    throw new IOException("Input/output error");
                }
                super.force();
            }
        };
        TestSessions.open(folder, clocks).close();
        try (SessionStore store = TestSessions.open(failing, clocks, SessionLimits.DEFAULT, 2_000)) {
            for (int i = 0; !failed.get(); i++) {
                store.save(session("c", i));
                safe(store).handle((done, failure) -> failure == null).join();
            }
            for (int i = 0; i < 3; i++) {
                awaitHealed(store);
                store.save(session("safe" + i));
                awaitSafe(store);
                try (SessionStore left = TestSessions.open(new FaultyFolder(folder.current()), clocks)) {
                    assertThat(left.sessions())
                            .extracting(StoredSession::clientId)
                            .contains("c", "safe" + i);
                }
                try (SessionStore left = TestSessions.open(new FaultyFolder(folder.safe()), clocks)) {
                    assertThat(left.sessions())
                            .extracting(StoredSession::clientId)
                            .contains("c", "safe" + i);
                }
            }
        }
    }
}
