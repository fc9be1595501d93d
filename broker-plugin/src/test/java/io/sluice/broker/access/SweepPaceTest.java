package io.sluice.broker.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SweepPaceTest {

    private static final long NOW = Long.MAX_VALUE - 5;

    private final SweepPace pace = new SweepPace(NOW);

    @Test
    void few_are_looked_at_for_each_login() {
        for (int i = 0; i < 100; i++) {
            assertThat(pace.isDue(16, NOW)).isTrue();
        }
    }

    @Test
    void many_are_looked_at_once_for_many_logins() {
        int sweeps = 0;
        for (int i = 0; i < 10_000; i++) {
            sweeps += pace.isDue(4_096, NOW) ? 1 : 0;
        }
        assertThat(sweeps).isEqualTo(1 + 9_999 / 256);
    }

    @Test
    void a_login_that_comes_alone_is_looked_for_room_for() {
        assertThat(pace.isDue(4_096, NOW)).isTrue();
        assertThat(pace.isDue(4_096, NOW + TimeUnit.MILLISECONDS.toNanos(99))).isFalse();
        assertThat(pace.isDue(4_096, NOW + TimeUnit.MILLISECONDS.toNanos(100))).isTrue();
    }
}
