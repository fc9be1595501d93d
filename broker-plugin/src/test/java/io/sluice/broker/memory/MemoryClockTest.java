package io.sluice.broker.memory;

import static io.sluice.broker.memory.TestMemory.disconnected;
import static io.sluice.broker.memory.TestMemory.drain;
import static io.sluice.broker.memory.TestMemory.publish;
import static io.sluice.broker.memory.TestMemory.retained;
import static io.sluice.broker.memory.TestMemory.session;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.memory.TestMemory.Clocks;
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
class MemoryClockTest {

    private static final long HOUR = 3_600;

    private final Clocks clocks = new Clocks();
    private FaultyFolder folder = new FaultyFolder();

    private List<String> clientsAfterReopening() {
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            return memory.sessions().stream()
                    .map(StoredSession::clientId)
                    .sorted()
                    .toList();
        }
    }

    private void saveDisconnected(String clientId, long expirySeconds) {
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            memory.save(disconnected(clientId, expirySeconds, clocks));
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
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            memory.save(disconnected("c", HOUR, clocks));
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
        BrokerMemory memory = TestMemory.open(folder, clocks);
        memory.save(session("c", HOUR));
        memory.save(session("ends with its connection", 0));
        clocks.pass(Duration.ofHours(5));
        memory.save(session("other", HOUR));
        TestMemory.awaitSafe(memory);
        folder = folder.afterKill();
        memory.close();
        clocks.pass(Duration.ofMinutes(59));
        assertThat(clientsAfterReopening()).containsExactly("c", "other");
        clocks.pass(Duration.ofMinutes(2));
        assertThat(clientsAfterReopening()).isEmpty();
    }

    @Test
    void a_session_that_connects_again_and_is_saved_is_not_disconnected() {
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            memory.save(session("c", HOUR));
        }
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            assertThat(memory.sessions().get(0).disconnectedAtMs()).hasValue(clocks.millis());
            memory.save(session("c", HOUR));
            assertThat(memory.sessions()).containsExactly(session("c", HOUR));
        }
    }

    @Test
    void a_wall_clock_that_is_set_forward_while_the_store_is_open_ends_nothing() {
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            memory.save(disconnected("c", HOUR, clocks));
            memory.save(session("q"));
            memory.queue("q").add(publish("t", "x", OptionalLong.of(clocks.millis() + 60_000)));
            memory.retain(publish("r", "x", OptionalLong.of(clocks.millis() + 60_000)));
            clocks.set(Duration.ofDays(20_000));
            assertThat(retained(memory, "r")).hasSize(1);
            assertThat(memory.sessions().stream()
                            .filter(session -> session.clientId().equals("c"))
                            .map(StoredSession::disconnectedAtMs))
                    .containsExactly(OptionalLong.of(clocks.millis()));
        }
        assertThat(clientsAfterReopening()).containsExactly("c", "q");
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            QueuedPublish taken = memory.queue("q").take().orElseThrow();
            assertThat(taken.publish().expiresAtMs()).hasValue(clocks.millis() + 60_000);
        }
    }

    @Test
    void a_wall_clock_that_is_set_back_keeps_nothing_for_longer_than_the_store_is_open() {
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            memory.save(disconnected("c", HOUR, clocks));
            memory.retain(publish("r", "x", OptionalLong.of(clocks.millis() + 60_000)));
            clocks.set(Duration.ofDays(-20_000));
            clocks.pass(Duration.ofSeconds(61));
            assertThat(retained(memory, "r")).isEmpty();
            clocks.pass(Duration.ofHours(1));
        }
        assertThat(clientsAfterReopening()).isEmpty();
    }

    @Test
    void a_wall_clock_that_was_set_back_while_the_store_was_closed_takes_no_time_away() {
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            memory.save(disconnected("c", HOUR, clocks));
            clocks.pass(Duration.ofMinutes(30));
        }
        clocks.set(Duration.ofDays(-3));
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            assertThat(memory.sessions().get(0).disconnectedAtMs())
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
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            memory.save(session("q"));
            memory.queue("q").add(publish("t", "short", OptionalLong.of(clocks.millis() + 60_000)));
            memory.queue("q").add(publish("t", "long", OptionalLong.of(clocks.millis() + 600_000)));
            memory.queue("q").add(publish("t", "for ever", OptionalLong.of(Long.MAX_VALUE)));
            memory.retain(publish("r", "x", OptionalLong.of(clocks.millis() + 60_000)));
        }
        clocks.pass(Duration.ofSeconds(90));
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            assertThat(retained(memory, "#")).isEmpty();
            assertThat(drain(memory.queue("q"))).containsExactly("long", "for ever");
            assertThat(memory.stats().dropped()).containsEntry(QueueLoss.EXPIRED, 1L);
        }
    }

    @Test
    void saving_the_same_moment_again_after_the_wall_clock_was_set_moves_nothing() {
        try (BrokerMemory memory = TestMemory.open(folder, clocks)) {
            StoredSession session = disconnected("c", HOUR, clocks);
            memory.save(session);
            clocks.set(Duration.ofDays(30));
            memory.save(session);
        }
        assertThat(clientsAfterReopening()).containsExactly("c");
    }
}
