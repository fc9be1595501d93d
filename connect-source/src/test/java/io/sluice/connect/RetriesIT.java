package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of records that Kafka does not take for now: a replica of their topics is missing. */
class RetriesIT {

    private static final Map<String, String> BOTH_REPLICAS = Map.of("min.insync.replicas", "2");
    private static final Map<String, String> ONE_REPLICA = Map.of("min.insync.replicas", "1");

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private static KafkaUnderTest kafka;

    @TempDir
    private Path folders;

    private final ConnectCluster connect = SHARED.cluster();

    @BeforeAll
    static void lose_a_replica() {
        kafka = KafkaUnderTest.startTwoBrokers();
        kafka.createReplicatedTopic("retried", BOTH_REPLICAS);
        kafka.createReplicatedTopic("flushed", BOTH_REPLICAS);
        kafka.shutOneBroker();
    }

    @AfterAll
    static void stop_kafka() {
        kafka.stop();
    }

    @Test
    void with_tolerance_a_record_is_dropped_after_as_many_retries_as_the_producer_is_given() throws Exception {
        Map<String, String> properties = connector("retried");
        properties.put("errors.tolerance", "all");
        properties.put("dead.letter.topic", "");
        properties.put("producer.override.retries", "3");
        properties.put("producer.override.retry.backoff.ms", "100");
        connect.configure("retried", properties);
        connect.awaitRunning("retried");
        publish(properties, 1);
        awaitFigure("retried", "record-error-total");
        assertThat(ProducerWatch.figure("retried", "record-retry-total")).isEqualTo(3);

        kafka.configure("retried", ONE_REPLICA);
        publish(properties, 2);
        assertThat(values(kafka.awaitExactly(1, "retried"))).containsExactly("2");
        connect.delete("retried");
    }

    @Test
    void a_task_that_stops_waits_for_the_record_on_its_way_and_does_not_send_it_again() throws Exception {
        Map<String, String> properties = connector("flushed");
        connect.configure("flushed", properties);
        connect.awaitRunning("flushed");
        publish(properties, 1);
        awaitFigure("flushed", "record-retry-total");

        connect.beginToStop("flushed");
        kafka.configure("flushed", ONE_REPLICA);
        assertThat(values(kafka.awaitExactly(1, "flushed"))).containsExactly("1");
        connect.resume("flushed");
        publish(properties, 2);
        assertThat(values(kafka.awaitExactly(2, "flushed"))).containsExactly("1", "2");
        connect.delete("flushed");
    }

    private Map<String, String> connector(String name) {
        Map<String, String> properties = ConnectCluster.connector(name, folders);
        for (String client : List.of("producer", "admin", "consumer")) {
            properties.put(client + ".override.bootstrap.servers", kafka.bootstrapServers());
        }
        properties.put("producer.override." + ProducerConfig.CLIENT_ID_CONFIG, name);
        properties.put(
                "producer.override." + ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, ProducerWatch.class.getName());
        return properties;
    }

    private static void publish(Map<String, String> properties, int number) {
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, number, number);
        }
    }

    /** Waits until a figure of a connector's producer is no longer zero. */
    private static void awaitFigure(String connector, String name) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(ProducerWatch.figure(connector, name)).isPositive());
    }
}
