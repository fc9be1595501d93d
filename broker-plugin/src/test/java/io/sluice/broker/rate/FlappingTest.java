package io.sluice.broker.rate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import net.jqwik.api.Example;

class FlappingTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final Optional<String> ANN = Optional.of("ann");

    @Example
    void who_is_held_off_and_goes_on_trying_is_let_in_after_a_minute() {
        Flapping flapping = new Flapping(5);
        for (int i = 0; i < 5; i++) {
            assertThat(flapping.mayConnect(ANN, "c", 0)).isTrue();
        }
        for (int second = 0; second < 60; second++) {
            assertThat(flapping.mayConnect(ANN, "c", second * SECOND))
                    .as("after %d s", second)
                    .isFalse();
        }
        for (int i = 0; i < 5; i++) {
            assertThat(flapping.mayConnect(ANN, "c", 60 * SECOND)).isTrue();
        }
        assertThat(flapping.mayConnect(ANN, "c", 60 * SECOND)).isFalse();
    }

    @Example
    void others_are_not_concerned() {
        Flapping flapping = new Flapping(1);
        flapping.mayConnect(ANN, "c", 0);
        assertThat(flapping.mayConnect(ANN, "c", 0)).isFalse();
        assertThat(flapping.mayConnect(ANN, "d", 0)).isTrue();
        assertThat(flapping.mayConnect(Optional.of("bob"), "c", 0)).isTrue();
    }
}
