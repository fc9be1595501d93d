package io.sluice.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class NetworkPaceTest {

    private static final int BATCH_BYTES = 1 << 18;

    private final NetworkPace pace = new NetworkPace();

    private void send(int batches, Duration waitedForEach) {
        for (int i = 0; i < batches; i++) {
            pace.sent(BATCH_BYTES, waitedForEach.toNanos());
        }
    }

    @Test
    void what_leaves_at_a_gigabit_and_what_waits_for_the_log_or_the_worker_is_not_compressed() {
        send(1_000, Duration.ofMillis(2));
        assertThat(pace.isSlow()).isFalse();
        send(1_000, Duration.ZERO);
        assertThat(pace.isSlow()).isFalse();
    }

    @Test
    void what_leaves_at_100_megabits_is_compressed_until_the_network_takes_all_that_there_is() {
        send(16, Duration.ofMillis(20));
        assertThat(pace.isSlow()).isTrue();
        send(160, Duration.ofMillis(4));
        assertThat(pace.isSlow()).isTrue();
        send(16, Duration.ZERO);
        assertThat(pace.isSlow()).isFalse();
    }
}
