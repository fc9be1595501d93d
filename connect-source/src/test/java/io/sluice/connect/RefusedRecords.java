package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.heldBack;
import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a connector does about one message in a hundred whose record is refused. */
final class RefusedRecords {

    /**
     * Three where a refusal comes within the seconds that {@link io.sluice.connect.delivery} reckons with, which {@code
     * SuspicionTest} specifies; two more where the machine is slow.
     */
    static final int MOST_FAILURES = 5;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Clusters of one process must not share a broker. */
    private static final AtomicInteger RUNS = new AtomicInteger();

    private RefusedRecords() {}

    /**
     * Publishes, restarts the task each time it fails, and looks at what is in Kafka in the end.
     *
     * @return how often the task failed
     */
    static int run(ConnectCluster connect, Refusal refusal, String tolerance, Path folders) throws Exception {
        String name = "refused-" + RUNS.incrementAndGet() + "-" + tolerance + "-"
                + refusal.name().toLowerCase(Locale.ROOT).replace('_', '-');
        Map<String, String> properties = ConnectCluster.connector(name, folders);
        properties.put("broker.linger.ms", "60000");
        properties.put("errors.tolerance", tolerance);
        properties.put("dead.letter.topic", name + "-dead");
        refusal.arrange(connect, properties);
        connect.createTopic(name + "-dead", Map.of());
        connect.configure(name, properties);
        connect.awaitRunning(name);
        int failures = 0;
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 49);
            if (tolerance.equals("all")) {
                // Kafka refuses a batch as a whole, and what Kafka Connect has given up cannot be sent again in order.
                await().atMost(PATIENCE).until(() -> connect.records(name).size() >= 49);
            }
            var bad = device.client()
                    .publishWith()
                    .topic("sensors/1")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(refusal.payload())
                    .send();
            if (tolerance.equals("all")) {
                failures += restartUntil(
                        connect, name, () -> !connect.records(name + "-dead").isEmpty());
            }
            var rest = device.publishing("sensors/1", MqttQos.AT_LEAST_ONCE, 50, 99);
            failures += restartUntil(
                    connect,
                    name,
                    () -> !connect.records(name + "-dead").isEmpty()
                            && connect.records(name).size() >= 99);
            bad.join();
            rest.join();
        }

        // Kafka takes what stands behind a batch that it refuses: all of that is repeated, in order.
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(heldBack(properties)).isZero());
        List<String> values = new ArrayList<>(values(connect.records(name)));
        Collections.reverse(values);
        List<String> last = new ArrayList<>(new LinkedHashSet<>(values));
        Collections.reverse(last);
        assertThat(last).isEqualTo(ConnectCluster.numbers(1, 99));
        List<ConsumerRecord<byte[], byte[]>> letters = connect.awaitExactly(1, name + "-dead");
        assertThat(letters.get(0).value()).isEqualTo(refusal.payload());
        assertThat(ConnectCluster.headers(letters.get(0)))
                .hasEntrySatisfying(
                        "sluice.error.message",
                        sentence -> assertThat(sentence).contains("published to sensors/1 by client device-1"));
        connect.awaitRunning(name);
        connect.delete(name);
        return failures;
    }

    /** Restarts the task whenever it fails, until something is so; returns how often. */
    private static int restartUntil(ConnectCluster connect, String name, BooleanSupplier end) {
        int failures = 0;
        while (!end.getAsBoolean()) {
            assertThat(failures).as("failures").isLessThanOrEqualTo(MOST_FAILURES);
            if (connect.awaitFailedOr(name, end)) {
                failures++;
                connect.restart(name);
            }
        }
        return failures;
    }
}
