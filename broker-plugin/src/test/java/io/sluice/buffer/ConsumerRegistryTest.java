package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.log.Checkpoints;
import io.sluice.buffer.log.Drops;
import io.sluice.buffer.log.Recovery;
import io.sluice.file.MemoryFolder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsumerRegistryTest {

    /** Few filters are looked at one after the other; of many the answers are remembered. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void what_is_wanted_of_100_000_topics_is_known_without_waiting_for_a_lock(int filters) throws Exception {
        MemoryFolder folder = new MemoryFolder();
        Recovery.Recovered opened = Recovery.run(folder, new Drops(), StoredConsumer::merge);
        Checkpoints checkpoints = new Checkpoints(folder, 1, (sequence, since) -> opened.checkpoint());
        ConsumerRegistry consumers = new ConsumerRegistry(
                opened.log(),
                Duration.ZERO,
                List.of(),
                () -> {},
                () -> {},
                checkpoints,
                opened.checkpoint().openings());
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
}
