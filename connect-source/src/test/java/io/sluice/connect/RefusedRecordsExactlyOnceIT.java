package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same, with a worker that writes records and offsets in one transaction: there no tolerance covers the producer. */
@Execution(ExecutionMode.CONCURRENT)
class RefusedRecordsExactlyOnceIT {

    @TempDir
    private static Path folders;

    private static ConnectCluster connect;

    @BeforeAll
    static void startCluster() {
        connect = ConnectCluster.start(ConnectCluster.EXACTLY_ONCE);
    }

    @AfterAll
    static void stopCluster() {
        connect.close();
    }

    /** A record that Kafka refuses, one with a time, and what Connect itself refuses. */
    @ParameterizedTest
    @CsvSource({"TOO_LARGE, none", "TIME_TOO_OLD, all", "TRANSFORMATION, none"})
    void the_task_stands_up_again_after_few_failures(Refusal refusal, String tolerance) throws Exception {
        assertThat(RefusedRecords.run(connect, refusal, tolerance, folders))
                .isLessThanOrEqualTo(RefusedRecords.MOST_FAILURES);
    }

    @Tag("soak")
    @ParameterizedTest
    @CsvSource({
        "LARGER_THAN_A_REQUEST, none",
        "NO_KEY, none",
        "NOT_AUTHORIZED, none",
        "TOPIC_AGAINST_POLICY, none",
        "TOPIC_COLLIDES, none",
        "TRANSFORMATION, all"
    })
    void so_it_does_whatever_is_refused(Refusal refusal, String tolerance) throws Exception {
        assertThat(RefusedRecords.run(connect, refusal, tolerance, folders))
                .isLessThanOrEqualTo(RefusedRecords.MOST_FAILURES);
    }

    @Test
    void all_of_many_that_a_transformation_fails_at_become_dead_letters() throws Exception {
        Map<String, String> properties = ConnectCluster.connector("many", folders);
        properties.put("errors.tolerance", "all");
        properties.put("dead.letter.topic", "many-dead");
        Refusal.TRANSFORMATION.arrange(connect, properties);
        properties.put("kafka.header.bad", "{topic}");
        connect.createTopic("many-dead", Map.of());
        connect.configure("many", properties);
        connect.awaitRunning("many");

        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 50);
        }

        assertThat(values(connect.awaitExactly(50, "many-dead")))
                .containsExactlyInAnyOrderElementsOf(ConnectCluster.numbers(1, 50));
        connect.delete("many");
    }
}
