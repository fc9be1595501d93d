package io.sluice.broker.memory;

import static io.sluice.broker.memory.TestMemory.awaitSafe;
import static io.sluice.broker.memory.TestMemory.drain;
import static io.sluice.broker.memory.TestMemory.onDisk;
import static io.sluice.broker.memory.TestMemory.publish;
import static io.sluice.broker.memory.TestMemory.retained;
import static io.sluice.broker.memory.TestMemory.session;
import static io.sluice.broker.memory.TestMemory.subscription;
import static io.sluice.broker.memory.TestMemory.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sluice.message.Qos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReopenedMemoryTest {

    @TempDir
    Path folder;

    private Path dir = Path.of("");

    @BeforeEach
    void setDir() {
        dir = folder.resolve("sessions");
    }

    private BrokerMemory open() {
        return BrokerMemory.open(onDisk(dir));
    }

    @Test
    void sessions_and_subscriptions_are_there_again() {
        try (BrokerMemory memory = open()) {
            memory.save(session("a", 100));
            memory.save(session("b", StoredSession.NEVER));
            memory.save(new StoredSession("gone", Optional.empty(), 4, 1, OptionalLong.empty()));
            memory.subscribe(subscription("a", "x/+"));
            memory.subscribe(subscription("b", "$share/g/ü/#"));
            memory.subscribe(subscription("b", "off"));
            memory.unsubscribe("b", "off");
            memory.subscribe(subscription("gone", "x"));
            memory.delete("gone");
        }
        try (BrokerMemory memory = open()) {
            assertThat(memory.sessions())
                    .extracting(StoredSession::clientId, StoredSession::username, StoredSession::expirySeconds)
                    .containsExactlyInAnyOrder(
                            tuple("a", Optional.of("user"), 100L),
                            tuple("b", Optional.of("user"), StoredSession.NEVER));
            assertThat(memory.subscriptions())
                    .containsExactlyInAnyOrder(subscription("a", "x/+"), subscription("b", "$share/g/ü/#"));
            assertThat(memory.stats().subscriptions()).isEqualTo(2);
        }
    }

    @Test
    void queued_messages_are_there_again_in_order_with_what_belongs_to_them() {
        StoredPublish shared = publish("t", "shared");
        try (BrokerMemory memory = open()) {
            for (String client : List.of("a", "b")) {
                memory.save(session(client));
                memory.queue(client).add(shared, Qos.EXACTLY_ONCE, true, List.of(5, 6));
            }
            memory.queue("a").add(publish("t", "second"));
        }
        try (BrokerMemory memory = open()) {
            QueuedPublish first = memory.queue("a").take().orElseThrow();
            assertThat(text(first)).isEqualTo("shared");
            assertThat(first.qos()).isEqualTo(Qos.EXACTLY_ONCE);
            assertThat(first.retained()).isTrue();
            assertThat(first.subscriptionIdentifiers()).containsExactly(5, 6);
            assertThat(first.duplicate()).isFalse();
            memory.queue("a").remove(first);
            assertThat(drain(memory.queue("a"))).containsExactly("second");
            assertThat(drain(memory.queue("b"))).containsExactly("shared");
        }
        try (BrokerMemory memory = open()) {
            assertThat(memory.stats().queuedMessages()).isZero();
            assertThat(memory.stats().queuedBytes()).isZero();
        }
    }

    @Test
    void what_was_on_its_way_comes_first_and_is_marked() {
        try (BrokerMemory memory = open()) {
            memory.save(session("c"));
            SessionQueue queue = memory.queue("c");
            for (String text : List.of("a", "b", "c", "d")) {
                queue.add(publish("t", text));
            }
            queue.take();
            QueuedPublish b = queue.take().orElseThrow();
            queue.take();
            queue.remove(b);
        }
        try (BrokerMemory memory = open()) {
            SessionQueue queue = memory.queue("c");
            queue.add(publish("t", "e"));
            QueuedPublish a = queue.take().orElseThrow();
            assertThat(text(a)).isEqualTo("a");
            assertThat(a.duplicate()).isTrue();
            queue.putBack();
            assertThat(drain(queue)).containsExactly("a", "c", "d", "e");
        }
    }

    @Test
    void retained_messages_are_there_again() {
        try (BrokerMemory memory = open()) {
            memory.retain(publish("a", "one"));
            memory.retain(publish("a", "two"));
            memory.retain(publish("b", "x"));
            memory.retain(publish("b", ""));
        }
        try (BrokerMemory memory = open()) {
            assertThat(retained(memory, "#")).containsExactly("a=two");
            assertThat(memory.stats().retainedMessages()).isEqualTo(1);
        }
    }

    @Test
    void what_is_safe_is_there_without_closing() {
        try (BrokerMemory memory = open()) {
            memory.save(session("c"));
            memory.queue("c").add(publish("t", "x"));
            awaitSafe(memory);
            Path copy = folder.resolve("copy");
            copyTo(copy);
            try (BrokerMemory left = BrokerMemory.open(onDisk(copy))) {
                assertThat(drain(left.queue("c"))).containsExactly("x");
            }
        }
    }

    private void copyTo(Path copy) {
        try {
            Files.createDirectory(copy);
            Files.copy(dir.resolve(Journal.NAME), copy.resolve(Journal.NAME));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_journal_that_is_mostly_dead_is_written_anew_while_messages_come_and_go() throws Exception {
        try (BrokerMemory memory = open()) {
            memory.save(session("keeper"));
            memory.queue("keeper").add(publish("t", "kept"));
            memory.retain(publish("r", "kept too"));
            memory.save(session("c"));
            SessionQueue queue = memory.queue("c");
            long largest = 0;
            boolean shrunk = false;
            for (int round = 0; round < 400 && !(shrunk && round > 200); round++) {
                for (int i = 0; i < 100; i++) {
                    queue.add(publish("t", i + "x".repeat(1_000)));
                    memory.save(session("extra" + i % 10, i + 1));
                }
                awaitSafe(memory);
                assertThat(drain(queue)).hasSize(100);
                long bytes = memory.stats().journalBytes();
                shrunk |= bytes < largest / 2;
                largest = Math.max(largest, bytes);
            }
            assertThat(shrunk).isTrue();
            assertThat(largest).isLessThan(20L << 20);
            queue.add(publish("t", "last"));
        }
        assertThat(dir.toFile().list()).containsExactlyInAnyOrder("lock", Journal.NAME);
        try (BrokerMemory memory = open()) {
            assertThat(drain(memory.queue("keeper"))).containsExactly("kept");
            assertThat(drain(memory.queue("c"))).containsExactly("last");
            assertThat(retained(memory, "r")).containsExactly("r=kept too");
            assertThat(memory.sessions()).hasSize(12);
        }
    }

    @Test
    void a_thread_that_is_interrupted_reads_its_messages_and_disturbs_nobody() {
        try (BrokerMemory memory = open()) {
            memory.save(session("c"));
            memory.queue("c").add(publish("t", "x"));
            memory.queue("c").add(publish("t", "y"));
            awaitSafe(memory);
            Thread.currentThread().interrupt();
            assertThat(memory.queue("c").take().map(TestMemory::text)).contains("x");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(memory.queue("c").take().map(TestMemory::text)).contains("y");
            memory.save(session("d"));
            awaitSafe(memory);
            assertThat(memory.stats().failures()).isZero();
        }
    }

    @Test
    void only_the_owner_can_read_the_files() throws Exception {
        open().close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve(Journal.NAME))))
                .isEqualTo("rw-------");
    }

    @Test
    void a_folder_in_use_is_refused_in_one_sentence() {
        try (BrokerMemory memory = open()) {
            assertThat(memory.sessions()).isEmpty();
            assertThatThrownBy(this::open)
                    .isInstanceOf(MemoryException.class)
                    .hasMessageContaining(dir.toString())
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void files_of_earlier_versions_are_left_alone() throws Exception {
        Files.createDirectory(dir);
        Files.writeString(dir.resolve("moquette_store.h2"), "old");
        try (BrokerMemory memory = open()) {
            memory.save(session("c"));
        }
        assertThat(dir.resolve("moquette_store.h2")).hasContent("old");
        try (BrokerMemory memory = open()) {
            assertThat(memory.sessions()).hasSize(1);
        }
    }

    @Test
    void after_closing_everybody_hears_that_it_is_closed() {
        BrokerMemory memory = open();
        memory.close();
        memory.close();
        memory.save(session("c"));
        assertThat(TestMemory.safe(memory)).isCompletedExceptionally();
    }
}
