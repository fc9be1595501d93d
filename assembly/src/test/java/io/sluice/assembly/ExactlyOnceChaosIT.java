package io.sluice.assembly;

import io.sluice.assembly.Fleet.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a worker with exactly-once source support promises while it and Kafka are killed. */
class ExactlyOnceChaosIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed(Map.of("exactly.once.source.support", "enabled"));

    @Test
    void what_qos_2_devices_publish_is_in_kafka_once_and_in_order_when_the_worker_and_kafka_are_killed()
            throws Exception {
        rounds(1);
    }

    @Test
    @Tag("soak")
    void what_qos_2_devices_publish_is_in_kafka_once_and_in_order_through_many_kills() throws Exception {
        rounds(20);
    }

    private static void rounds(int rounds) throws Exception {
        for (Outcome outcome : Chaos.publishThrough(INSTALLED, "exactly-once", rounds)) {
            outcome.assertExactlyOnce();
        }
    }
}
