package io.sluice.benchmark;

import io.sluice.testkit.JvmProcess;
import java.util.List;
import java.util.Optional;

/**
 * A way for MQTT messages to go.
 *
 * @param name what the report calls it
 * @param port where it takes MQTT connections
 * @param topic the Kafka topic in which messages arrive; empty: they go no further than the broker
 * @param processes what does the work, Kafka among them
 */
record Contender(String name, int port, Optional<String> topic, List<JvmProcess> processes) {

    Contender {
        processes = List.copyOf(processes);
    }
}
