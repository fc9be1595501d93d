package io.sluice.broker.memory;

import static io.sluice.broker.memory.TestMemory.awaitSafe;
import static io.sluice.broker.memory.TestMemory.drain;
import static io.sluice.broker.memory.TestMemory.publish;
import static io.sluice.broker.memory.TestMemory.retained;
import static io.sluice.broker.memory.TestMemory.safe;
import static io.sluice.broker.memory.TestMemory.session;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.memory.TestMemory.Clocks;
import io.sluice.file.FaultyFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Full and broken disks. */
@Timeout(120)
class FailingDiskMemoryTest {

    private final Clocks clocks = new Clocks();
    private final FaultyFolder folder = new FaultyFolder();

    private static void assertFails(CompletableFuture<Void> safe) {
        assertThatThrownBy(() -> safe.orTimeout(30, TimeUnit.SECONDS).join()).hasCauseInstanceOf(MemoryException.class);
    }

    /** Until the disk has taken everything. */
    private static void awaitHealed(BrokerMemory memory) {
        await().until(() -> safe(memory)
                .orTimeout(30, TimeUnit.SECONDS)
                .handle((done, failure) -> failure == null)
                .join());
    }

    private void assertEverythingIsThere(BrokerMemory memory) {
        assertThat(drain(memory.queue("c"))).containsExactly("before", "while full");
        assertThat(retained(memory, "#")).containsExactly("r=while full");
        assertThat(memory.sessions()).hasSize(2);
    }

    private void fill(BrokerMemory memory) {
        memory.save(session("c"));
        memory.queue("c").add(publish("t", "before"));
        awaitSafe(memory);
        folder.setFreeBytes(10);
        memory.queue("c").add(publish("t", "while full"));
        assertFails(safe(memory));
        memory.save(session("d"));
        memory.retain(publish("r", "while full"));
        assertFails(safe(memory));
    }

    @Test
    void while_the_disk_is_full_nothing_is_safe_and_everything_is_there() {
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            fill(memory);
            assertThat(memory.stats().failures()).isPositive();
            assertEverythingIsThere(memory);
        }
    }

    @Test
    void what_came_while_the_disk_was_full_is_written_once_it_is_not() {
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            fill(memory);
            folder.setFreeBytes(Long.MAX_VALUE);
            awaitHealed(memory);
            try (BrokerMemory left = TestMemory.open(new FaultyFolder(folder.safe()), clocks)) {
                assertEverythingIsThere(left);
            }
        }
    }

    @Test
    void a_crash_while_the_disk_is_full_costs_what_was_not_safe_and_nothing_else() {
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            fill(memory);
            try (BrokerMemory left = TestMemory.open(new FaultyFolder(folder.safe()), clocks)) {
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
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            memory.save(session("c"));
            memory.queue("c").add(publish("t", "before"));
            awaitSafe(memory);
            failing.set(true);
            memory.queue("c").add(publish("t", "while full"));
            awaitHealed(memory);
            assertThat(memory.stats().failures()).isPositive();
            assertThat(forced).contains(Journal.NEW_NAME);
            try (BrokerMemory left = TestMemory.open(new FaultyFolder(folder.safe()), clocks)) {
                assertThat(drain(left.queue("c"))).containsExactly("before", "while full");
            }
        }
    }

    @Test
    void a_disk_that_is_full_when_the_store_is_opened_is_no_reason_not_to_open() {
        folder.setFreeBytes(0);
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            memory.save(session("c"));
            assertFails(safe(memory));
            memory.queue("c").add(publish("t", "x"));
            folder.setFreeBytes(Long.MAX_VALUE);
            awaitHealed(memory);
        }
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            assertThat(drain(memory.queue("c"))).containsExactly("x");
        }
    }

    @Test
    void listeners_hear_in_the_order_in_which_they_were_handed_over() {
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            for (int i = 0; i < 1_000; i++) {
                int number = i;
                memory.save(session("c" + i % 7));
                all.add(safe(memory).whenComplete((done, failure) -> order.add(number)));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
        }
        assertThat(order).hasSize(1_000).isSorted();
    }

    @Test
    void what_waits_for_a_disk_that_takes_nothing_is_bounded_and_not_acknowledged() {
        MemoryLimits limits = new MemoryLimits(10_000, 100_000, 1L << 30, 10, 100_000, 10, 1 << 20, 1L << 30);
        try (BrokerMemory memory = TestMemory.open(folder, clocks, limits)) {
            memory.save(session("c"));
            memory.queue("c").add(publish("t", "first"));
            awaitSafe(memory);
            folder.setFreeBytes(0);
            String payload = "x".repeat(1 << 20);
            int taken = 0;
            while (memory.queue("c").add(publish("t", payload)) && taken < 1_000) {
                taken++;
            }
            assertThat(taken).isBetween(30, 40);
            assertFails(safe(memory));
            assertThat(memory.stats().dropped()).containsEntry(QueueLoss.DISK, 1L);
            folder.setFreeBytes(Long.MAX_VALUE);
            awaitHealed(memory);
            assertThat(memory.queue("c").add(publish("t", "last"))).isTrue();
            awaitSafe(memory);
            try (BrokerMemory left = TestMemory.open(new FaultyFolder(folder.safe()), clocks, limits)) {
                assertThat(drain(left.queue("c")))
                        .hasSize(taken + 2)
                        .startsWith("first")
                        .endsWith("last");
            }
        }
    }

    @Test
    void a_disk_without_room_for_a_second_journal_keeps_the_first() {
        TestMemory.open(folder, clocks).close();
        try (BrokerMemory memory = TestMemory.open(folder, clocks, MemoryLimits.DEFAULT, 2_000)) {
            memory.save(session("c"));
            SessionQueue queue = memory.queue("c");
            queue.add(publish("t", "kept" + "y".repeat(3_000)));
            awaitSafe(memory);
            folder.failWritesTo(Journal.NEW_NAME::equals);
            for (int i = 0; i < 50; i++) {
                queue.add(publish("t", "x".repeat(1_000)));
                awaitSafe(memory);
                QueuedPublish kept = queue.take().orElseThrow();
                queue.remove(queue.take().orElseThrow());
                assertThat(TestMemory.text(kept)).startsWith("kept");
                queue.putBack();
                clocks.pass(Duration.ofMinutes(2)); // it is tried again from time to time
            }
            awaitSafe(memory);
            assertThat(memory.stats().failures()).isZero();
        }
        folder.failWritesTo(name -> false);
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            assertThat(drain(memory.queue("c"))).singleElement().asString().startsWith("kept");
        }
    }
}
