package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.assembly.Fleet.Outcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a worker without exactly-once source support promises while it and Kafka are killed. */
class AtLeastOnceChaosIT {

    /** A crash repeats what Kafka took in about the last second; the rest is for a machine that stutters. */
    private static final int SECONDS_REPEATED_AT_MOST = 3;

    private static final int ROUNDS = 20;

    @RegisterExtension
    static final Installed INSTALLED = new Installed(Map.of());

    @Test
    @Tag("soak")
    void nothing_is_lost_and_about_a_second_is_repeated_through_many_kills() throws Exception {
        List<Outcome> outcomes = Chaos.publishThrough(INSTALLED, "at-least-once", ROUNDS);
        int crashes = 2 * ROUNDS;
        assertThat(outcomes).allSatisfy(outcome -> {
            outcome.assertNothingLost();
            assertThat(outcome.twice())
                    .as("%s: repeated", outcome.device())
                    .isLessThanOrEqualTo(crashes * SECONDS_REPEATED_AT_MOST * Chaos.PER_SECOND);
        });
    }
}
