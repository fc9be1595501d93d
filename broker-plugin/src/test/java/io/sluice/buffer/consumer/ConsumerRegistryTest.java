package io.sluice.buffer.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.TestMessages;
import io.sluice.buffer.log.Drops;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.recovery.Checkpoints;
import io.sluice.buffer.recovery.Recovery;
import io.sluice.file.MemoryFolder;
import io.sluice.message.TopicFilter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsumerRegistryTest {

    private static final ConsumerRegistry.Elapsed NOTHING = new ConsumerRegistry.Elapsed(List.of(), List.of());

    private static ConsumerRegistry registry(Duration expiry) throws IOException {
        MemoryFolder folder = new MemoryFolder();
        Recovery.Recovered opened = Recovery.run(folder, new Drops(), StoredConsumer::merge);
        AtomicReference<ConsumerRegistry> consumers = new AtomicReference<>();
        Checkpoints checkpoints = new Checkpoints(
                folder,
                opened.checkpoint().sequence(),
                (sequence, since) ->
                        opened.checkpoint().with(List.of(consumers.get().save(since))));
        consumers.set(new ConsumerRegistry(
                opened.log(),
                expiry,
                List.of(),
                () -> {},
                () -> {},
                checkpoints,
                opened.checkpoint().openings()));
        return consumers.get();
    }

    @Test
    void of_connectors_that_have_expired_those_are_forgotten_that_had_come_least_far() throws Exception {
        ConsumerRegistry consumers = registry(Duration.ofSeconds(1));
        ConsumerRegistry.Held attached = consumers.attach(TestMessages.spec("attached"), 0);
        for (int i = 0; i < 3 * ConsumerRegistry.MOST_EXPIRED; i++) {
            consumers.close(consumers.attach(TestMessages.spec("c" + i), 1_000 + i));
        }
        assertThat(consumers.elapse(999)).isEqualTo(NOTHING);

        ConsumerRegistry.Elapsed elapsed = consumers.elapse(1);

        assertThat(elapsed.expired()).hasSize(3 * ConsumerRegistry.MOST_EXPIRED);
        assertThat(elapsed.forgotten())
                .hasSize(2 * ConsumerRegistry.MOST_EXPIRED)
                .contains("c0", "c" + (2 * ConsumerRegistry.MOST_EXPIRED - 1));
        assertThat(consumers.stats())
                .hasSize(ConsumerRegistry.MOST_EXPIRED + 1)
                .extracting(ConsumerStats::name)
                .contains("attached", "c" + (3 * ConsumerRegistry.MOST_EXPIRED - 1));
        assertThat(consumers.elapse(1_000)).isEqualTo(NOTHING);
        consumers.close(attached);
    }

    @Test
    void names_that_both_checkpoints_know_to_be_forgotten_are_not_kept() throws Exception {
        ConsumerRegistry consumers = registry(Duration.ofDays(7));
        for (int i = 0; i < 2_000; i++) {
            consumers.close(consumers.attach(TestMessages.spec("connector-" + i), 0));
            assertThat(consumers.forget("connector-" + i)).isTrue();
            assertThat(consumers.save()).isTrue();
        }
        assertThat(consumers.namesForgotten()).isLessThan(20);
    }

    /** Few filters are looked at one after the other; of many the answers are remembered. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void what_is_wanted_of_100_000_topics_is_known_without_waiting_for_a_lock(int filters) throws Exception {
        ConsumerRegistry consumers = registry(Duration.ZERO);
        String[] wanted = IntStream.range(0, filters)
                .mapToObj(i -> i == 0 ? "wanted/#" : "other/" + i)
                .toArray(String[]::new);
        consumers.attach(TestMessages.spec("c", wanted), 0);
        synchronized (consumers) {
            CompletableFuture.runAsync(() -> {
                        for (int i = 0; i < 120_000; i++) {
                            assertThat(consumers.interest("wanted/" + i)).isEqualTo(Interest.BUFFERED);
                            assertThat(consumers.interest("unwanted/" + i)).isEqualTo(Interest.NONE);
                            assertThat(consumers.interest("$SYS/" + i)).isEqualTo(Interest.NONE);
                        }
                    })
                    .get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void an_attachment_that_fails_half_way_leaves_nobody_attached() throws Exception {
        ConsumerRegistry consumers = registry(Duration.ofDays(7));
        AttachRequest broken = new AttachRequest("c", List.of(TopicFilter.of("#")), null, Lanes.ALL);

        assertThatThrownBy(() -> consumers.attach(broken, 0)).isInstanceOf(NullPointerException.class);

        assertThat(consumers.anyAttached()).isFalse();
    }
}
