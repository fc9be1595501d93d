package io.sluice.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchCountsTest {

    /** Whoever has published it hears nothing, or a refusal, and the subscribers have it. */
    @Test
    void a_message_that_arrives_although_its_publisher_failed_is_not_counted_twice() {
        BenchCounts counts = new BenchCounts();
        counts.begin(3);
        counts.done(System.nanoTime());
        counts.done(System.nanoTime());

        counts.failed(new IOException("cut off"));

        BenchCounts.Look all = counts.all();
        assertThat(all.outstanding()).isEqualTo(1);
        assertThat(all.failures()).isEqualTo(Map.of("cut off", 1L));
        assertThat(all.isWhole()).isFalse();
    }

    @Test
    void what_has_failed_is_not_waited_for() {
        BenchCounts counts = new BenchCounts();
        counts.begin(1);

        counts.ended(System.nanoTime(), new IOException("cut off"));

        assertThat(counts.outstanding()).isZero();
    }
}
