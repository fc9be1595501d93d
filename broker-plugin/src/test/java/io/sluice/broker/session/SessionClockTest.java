package io.sluice.broker.session;

import static io.sluice.broker.session.TestSessions.disconnected;
import static io.sluice.broker.session.TestSessions.drain;
import static io.sluice.broker.session.TestSessions.publish;
import static io.sluice.broker.session.TestSessions.retained;
import static io.sluice.broker.session.TestSessions.session;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.session.TestSessions.Clocks;
import io.sluice.file.FaultyFolder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How sessions and messages age: while the store is open by the monotonic clock, while it is closed by the wall clock, and
 * never backwards.
 */
@Timeout(60)
class SessionClockTest {

    private static final long HOUR = 3_600;

    private final Clocks clocks = new Clocks();
    private FaultyFolder folder = new FaultyFolder();

    private List<String> clientsAfterReopening() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            return store.sessions().stream()
                    .map(StoredSession::clientId)
                    .sorted()
                    .toList();
        }
    }

    private void saveDisconnected(String clientId, long expirySeconds) {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(disconnected(clientId, expirySeconds, clocks));
        }
    }

    @Test
    void a_session_ends_when_its_time_has_passed_while_the_store_was_closed() {
        saveDisconnected("c", HOUR);
        clocks.pass(Duration.ofMinutes(59));
        assertThat(clientsAfterReopening()).containsExactly("c");
        clocks.pass(Duration.ofMinutes(2));
        assertThat(clientsAfterReopening()).isEmpty();
        clocks.set(Duration.ofHours(-2));
        assertThat(clientsAfterReopening()).isEmpty();
    }

    @Test
    void time_while_the_store_is_open_counts_as_well() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(disconnected("c", HOUR, clocks));
            clocks.pass(Duration.ofMinutes(50));
        }
        clocks.pass(Duration.ofMinutes(11));
        assertThat(clientsAfterReopening()).isEmpty();
    }

    @Test
    void a_session_without_expiry_never_ends() {
        saveDisconnected("c", StoredSession.NEVER);
        clocks.pass(Duration.ofDays(365 * 200));
        assertThat(clientsAfterReopening()).containsExactly("c");
    }

    @Test
    void the_longest_interval_that_is_none_ends_after_136_years() {
        saveDisconnected("c", StoredSession.NEVER - 1);
        clocks.pass(Duration.ofDays(365 * 136));
        assertThat(clientsAfterReopening()).containsExactly("c");
        clocks.pass(Duration.ofDays(365));
        assertThat(clientsAfterReopening()).isEmpty();
    }

    @Test
    void a_session_that_was_connected_when_the_process_was_killed_counts_as_disconnected_since_then() {
        SessionStore store = TestSessions.open(folder, clocks);
        store.save(session("c", HOUR));
        store.save(session("ends with its connection", 0));
        clocks.pass(Duration.ofHours(5));
        store.save(session("other", HOUR));
        TestSessions.awaitSafe(store);
        folder = folder.afterKill();
        store.close();
        clocks.pass(Duration.ofMinutes(59));
        assertThat(clientsAfterReopening()).containsExactly("c", "other");
        clocks.pass(Duration.ofMinutes(2));
        assertThat(clientsAfterReopening()).isEmpty();
    }

    @Test
    void a_session_that_connects_again_and_is_saved_is_not_disconnected() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(session("c", HOUR));
        }
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            assertThat(store.sessions().get(0).disconnectedAtMs()).hasValue(clocks.millis());
            store.save(session("c", HOUR));
            assertThat(store.sessions()).containsExactly(session("c", HOUR));
        }
    }

    @Test
    void a_wall_clock_that_is_set_forward_while_the_store_is_open_ends_nothing() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(disconnected("c", HOUR, clocks));
            store.save(session("q"));
            store.queue("q").add(publish("t", "x", OptionalLong.of(clocks.millis() + 60_000)));
            store.retain(publish("r", "x", OptionalLong.of(clocks.millis() + 60_000)));
            clocks.set(Duration.ofDays(20_000));
            assertThat(retained(store, "r")).hasSize(1);
            assertThat(store.sessions().stream()
                            .filter(session -> session.clientId().equals("c"))
                            .map(StoredSession::disconnectedAtMs))
                    .containsExactly(OptionalLong.of(clocks.millis()));
        }
        assertThat(clientsAfterReopening()).containsExactly("c", "q");
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            QueuedPublish taken = store.queue("q").take().orElseThrow();
            assertThat(taken.publish().expiresAtMs()).hasValue(clocks.millis() + 60_000);
        }
    }

    @Test
    void a_wall_clock_that_is_set_back_keeps_nothing_for_longer_than_the_store_is_open() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(disconnected("c", HOUR, clocks));
            store.retain(publish("r", "x", OptionalLong.of(clocks.millis() + 60_000)));
            clocks.set(Duration.ofDays(-20_000));
            clocks.pass(Duration.ofSeconds(61));
            assertThat(retained(store, "r")).isEmpty();
            clocks.pass(Duration.ofHours(1));
        }
        assertThat(clientsAfterReopening()).isEmpty();
    }

    @Test
    void a_wall_clock_that_was_set_back_while_the_store_was_closed_takes_no_time_away() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(disconnected("c", HOUR, clocks));
            clocks.pass(Duration.ofMinutes(30));
        }
        clocks.set(Duration.ofDays(-3));
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            assertThat(store.sessions().get(0).disconnectedAtMs())
                    .hasValue(clocks.millis() - Duration.ofMinutes(30).toMillis());
            clocks.pass(Duration.ofMinutes(31));
        }
        assertThat(clientsAfterReopening()).isEmpty();
    }

    @Test
    void a_machine_that_does_not_know_the_time_when_it_starts_ends_no_session_when_it_learns_it() {
        clocks.setTo(Instant.parse("1970-01-01T00:00:05Z"));
        saveDisconnected("c", HOUR);
        clocks.setTo(Instant.parse("2026-05-01T12:00:00Z"));
        assertThat(clientsAfterReopening()).containsExactly("c");
        clocks.setTo(Instant.parse("1970-01-01T00:00:05Z"));
        assertThat(clientsAfterReopening()).containsExactly("c");
        clocks.setTo(Instant.parse("2026-05-02T12:00:00Z"));
        assertThat(clientsAfterReopening()).containsExactly("c");
    }

    @Test
    void the_expiry_of_a_message_goes_on_while_the_store_is_closed() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            store.save(session("q"));
            store.queue("q").add(publish("t", "short", OptionalLong.of(clocks.millis() + 60_000)));
            store.queue("q").add(publish("t", "long", OptionalLong.of(clocks.millis() + 600_000)));
            store.queue("q").add(publish("t", "for ever", OptionalLong.of(Long.MAX_VALUE)));
            store.retain(publish("r", "x", OptionalLong.of(clocks.millis() + 60_000)));
        }
        clocks.pass(Duration.ofSeconds(90));
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            assertThat(retained(store, "#")).isEmpty();
            assertThat(drain(store.queue("q"))).containsExactly("long", "for ever");
            assertThat(store.stats().dropped()).containsEntry(QueueLoss.EXPIRED, 1L);
        }
    }

    @Test
    void saving_the_same_moment_again_after_the_wall_clock_was_set_moves_nothing() {
        try (SessionStore store = TestSessions.open(folder, clocks)) {
            StoredSession session = disconnected("c", HOUR, clocks);
            store.save(session);
            clocks.set(Duration.ofDays(30));
            store.save(session);
        }
        assertThat(clientsAfterReopening()).containsExactly("c");
    }
}
