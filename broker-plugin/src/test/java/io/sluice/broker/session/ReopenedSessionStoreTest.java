package io.sluice.broker.session;

import static io.sluice.broker.session.TestSessions.awaitSafe;
import static io.sluice.broker.session.TestSessions.drain;
import static io.sluice.broker.session.TestSessions.onDisk;
import static io.sluice.broker.session.TestSessions.publish;
import static io.sluice.broker.session.TestSessions.retained;
import static io.sluice.broker.session.TestSessions.session;
import static io.sluice.broker.session.TestSessions.subscription;
import static io.sluice.broker.session.TestSessions.text;
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
class ReopenedSessionStoreTest {

    @TempDir
    Path folder;

    private Path dir = Path.of("");

    @BeforeEach
    void setDir() {
        dir = folder.resolve("sessions");
    }

    private SessionStore open() {
        return onDisk(dir);
    }

    @Test
    void sessions_and_subscriptions_are_there_again() {
        try (SessionStore store = open()) {
            store.save(session("a", 100));
            store.save(session("b", StoredSession.NEVER));
            store.save(new StoredSession("gone", Optional.empty(), 4, 1, OptionalLong.empty()));
            store.subscribe(subscription("a", "x/+"));
            store.subscribe(subscription("b", "$share/g/ü/#"));
            store.subscribe(subscription("b", "off"));
            store.unsubscribe("b", "off");
            store.subscribe(subscription("gone", "x"));
            store.delete("gone");
        }
        try (SessionStore store = open()) {
            assertThat(store.sessions())
                    .extracting(StoredSession::clientId, StoredSession::username, StoredSession::expirySeconds)
                    .containsExactlyInAnyOrder(
                            tuple("a", Optional.of("user"), 100L),
                            tuple("b", Optional.of("user"), StoredSession.NEVER));
            assertThat(store.subscriptions())
                    .containsExactlyInAnyOrder(subscription("a", "x/+"), subscription("b", "$share/g/ü/#"));
            assertThat(store.stats().subscriptions()).isEqualTo(2);
        }
    }

    @Test
    void a_client_that_subscribes_again_to_what_it_has_writes_nothing() {
        try (SessionStore store = open()) {
            store.save(session("a", 100));
            store.subscribe(subscription("a", "x/+"));
            awaitSafe(store);
            long written = store.stats().journalBytes();
            for (int i = 0; i < 1_000; i++) {
                assertThat(store.subscribe(subscription("a", "x/+"))).isTrue();
            }
            awaitSafe(store);
            assertThat(store.stats().journalBytes()).isEqualTo(written);
        }
        try (SessionStore store = open()) {
            assertThat(store.subscriptions()).containsExactly(subscription("a", "x/+"));
        }
    }

    @Test
    void queued_messages_are_there_again_in_order_with_what_belongs_to_them() {
        StoredPublish shared = publish("t", "shared");
        try (SessionStore store = open()) {
            for (String client : List.of("a", "b")) {
                store.save(session(client));
                store.queue(client).add(shared, Qos.EXACTLY_ONCE, true, List.of(5, 6));
            }
            store.queue("a").add(publish("t", "second"));
        }
        try (SessionStore store = open()) {
            QueuedPublish first = store.queue("a").take().orElseThrow();
            assertThat(text(first)).isEqualTo("shared");
            assertThat(first.qos()).isEqualTo(Qos.EXACTLY_ONCE);
            assertThat(first.retained()).isTrue();
            assertThat(first.subscriptionIdentifiers()).containsExactly(5, 6);
            assertThat(first.duplicate()).isFalse();
            store.queue("a").remove(first);
            assertThat(drain(store.queue("a"))).containsExactly("second");
            assertThat(drain(store.queue("b"))).containsExactly("shared");
        }
        try (SessionStore store = open()) {
            assertThat(store.stats().queuedMessages()).isZero();
            assertThat(store.stats().queuedBytes()).isZero();
        }
    }

    @Test
    void what_was_on_its_way_comes_first_and_is_marked() {
        try (SessionStore store = open()) {
            store.save(session("c"));
            SessionQueue queue = store.queue("c");
            for (String text : List.of("a", "b", "c", "d")) {
                queue.add(publish("t", text));
            }
            queue.take();
            QueuedPublish b = queue.take().orElseThrow();
            queue.take();
            queue.remove(b);
        }
        try (SessionStore store = open()) {
            SessionQueue queue = store.queue("c");
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
        try (SessionStore store = open()) {
            store.retain(publish("a", "one"));
            store.retain(publish("a", "two"));
            store.retain(publish("b", "x"));
            store.retain(publish("b", ""));
        }
        try (SessionStore store = open()) {
            assertThat(retained(store, "#")).containsExactly("a=two");
            assertThat(store.stats().retainedMessages()).isEqualTo(1);
        }
    }

    @Test
    void what_is_safe_is_there_without_closing() {
        try (SessionStore store = open()) {
            store.save(session("c"));
            store.queue("c").add(publish("t", "x"));
            awaitSafe(store);
            Path copy = folder.resolve("copy");
            copyTo(copy);
            try (SessionStore left = onDisk(copy)) {
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
        try (SessionStore store = open()) {
            store.save(session("keeper"));
            store.queue("keeper").add(publish("t", "kept"));
            store.retain(publish("r", "kept too"));
            store.save(session("c"));
            SessionQueue queue = store.queue("c");
            long largest = 0;
            boolean shrunk = false;
            for (int round = 0; round < 400 && !(shrunk && round > 200); round++) {
                for (int i = 0; i < 100; i++) {
                    queue.add(publish("t", i + "x".repeat(1_000)));
                    store.save(session("extra" + i % 10, i + 1));
                }
                awaitSafe(store);
                assertThat(drain(queue)).hasSize(100);
                long bytes = store.stats().journalBytes();
                shrunk |= bytes < largest / 2;
                largest = Math.max(largest, bytes);
            }
            assertThat(shrunk).isTrue();
            assertThat(largest).isLessThan(20L << 20);
            queue.add(publish("t", "last"));
        }
        assertThat(dir.toFile().list()).containsExactlyInAnyOrder("lock", Journal.NAME);
        try (SessionStore store = open()) {
            assertThat(drain(store.queue("keeper"))).containsExactly("kept");
            assertThat(drain(store.queue("c"))).containsExactly("last");
            assertThat(retained(store, "r")).containsExactly("r=kept too");
            assertThat(store.sessions()).hasSize(12);
        }
    }

    @Test
    void a_thread_that_is_interrupted_reads_its_messages_and_disturbs_nobody() {
        try (SessionStore store = open()) {
            store.save(session("c"));
            store.queue("c").add(publish("t", "x"));
            store.queue("c").add(publish("t", "y"));
            awaitSafe(store);
            Thread.currentThread().interrupt();
            assertThat(store.queue("c").take().map(TestSessions::text)).contains("x");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(store.queue("c").take().map(TestSessions::text)).contains("y");
            store.save(session("d"));
            awaitSafe(store);
            assertThat(store.stats().failures()).isZero();
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
        try (SessionStore store = open()) {
            assertThat(store.sessions()).isEmpty();
            assertThatThrownBy(this::open)
                    .isInstanceOf(SessionStoreException.class)
                    .hasMessageContaining(dir.toString())
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void files_of_others_are_left_alone() throws Exception {
        Files.createDirectory(dir);
        Files.writeString(dir.resolve("moquette_store.h2"), "old");
        try (SessionStore store = open()) {
            store.save(session("c"));
        }
        assertThat(dir.resolve("moquette_store.h2")).hasContent("old");
        try (SessionStore store = open()) {
            assertThat(store.sessions()).hasSize(1);
        }
    }

    @Test
    void after_closing_everybody_hears_that_it_is_closed() {
        SessionStore store = open();
        store.close();
        store.close();
        store.save(session("c"));
        assertThat(TestSessions.safe(store)).isCompletedExceptionally();
    }
}
