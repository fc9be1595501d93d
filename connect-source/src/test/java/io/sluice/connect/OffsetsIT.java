package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.numbers;
import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.sluice.buffer.record.Lanes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Positions as operators see them, and what becomes of them in a real worker. */
@Execution(ExecutionMode.CONCURRENT)
class OffsetsIT {

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

    @Test
    void a_paused_connector_goes_on_capturing_and_delivers_when_it_is_resumed() throws Exception {
        Map<String, String> properties = connector("pauses");
        connect.create("pauses", properties);
        try (Device device = Device.connect(port(properties), "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 10);
            connect.awaitExactly(10, "pauses");
            connect.pause("pauses");
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 11, 20);
            connect.awaitExactly(10, "pauses");
            connect.resume("pauses");
        }

        assertThat(values(connect.awaitExactly(20, "pauses"))).isEqualTo(numbers(1, 20));
        connect.delete("pauses");
    }

    @Test
    void an_operator_alters_and_resets_offsets_and_exactly_what_is_asked_for_is_delivered() throws Exception {
        Map<String, String> properties = connector("offsets");
        connect.create("offsets", properties);
        try (Device one = Device.connect(port(properties), "device-1");
                Device two = Device.connect(port(properties), "device-2")) {
            one.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 10);
            two.publish("sensors/2", MqttQos.AT_LEAST_ONCE, 11, 15);
        }
        connect.awaitExactly(15, "offsets");

        connect.stop("offsets");
        Map<Map<String, ?>, Map<String, ?>> offsets = connect.offsets("offsets");
        assertThat(offsets).hasSize(2);
        Map<String, ?> lane1 = partition(offsets, "device-1");
        Map<String, ?> lane2 = partition(offsets, "device-2");
        assertThat(offsets.get(lane1).keySet()).isEqualTo(Set.of("position", "part", "run"));
        long last1 = ((Number) offsets.get(lane1).get("position")).longValue();

        // back: the last four of one device again
        connect.alterOffset("offsets", lane1, Map.of("position", last1 - 4));
        connect.resume("offsets");
        List<String> values = values(connect.awaitExactly(19, "offsets"));
        numbers(7, 10)
                .forEach(repeated ->
                        assertThat(values).filteredOn(repeated::equals).hasSize(2));

        // forward: the next two messages of that device are skipped, those of the other are not
        connect.pause("offsets");
        try (Device one = Device.connect(port(properties), "device-1");
                Device two = Device.connect(port(properties), "device-2")) {
            one.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 21, 23);
            two.publish("sensors/2", MqttQos.AT_LEAST_ONCE, 24, 24);
        }
        connect.stop("offsets");
        long end = ((Number) connect.offsets("offsets").get(lane2).get("position")).longValue() + 4;
        connect.alterOffset("offsets", lane1, Map.of("position", end - 2));
        connect.resume("offsets");
        assertThat(values(connect.awaitExactly(21, "offsets")))
                .contains("23", "24")
                .doesNotContain("21", "22");

        // reset: everything the buffer keeps again
        connect.stop("offsets");
        connect.resetOffsets("offsets");
        // Connect reads its own tombstones back some moments after it has answered.
        await().untilAsserted(
                        () -> assertThat(connect.offsets("offsets").values()).allMatch(Objects::isNull));
        connect.resume("offsets");
        assertThat(values(connect.awaitExactly(21 + 19, "offsets"))).contains("21", "22");

        // and nothing more, once that is done
        connect.restartConnectorAndTask("offsets");
        connect.awaitExactly(21 + 19, "offsets");
        connect.delete("offsets");
    }

    @Test
    void a_mistaken_offset_is_refused_with_a_sentence() throws Exception {
        connect.createStopped("mistakes", connector("mistakes"));

        assertThatThrownBy(
                        () -> connect.alterOffset("mistakes", Map.of("buffer", "b", "lane", 64), Map.of("position", 1)))
                .hasMessageContaining("There is lane 64 in")
                .hasMessageContaining("it is a whole number from 0 to 63");
        assertThatThrownBy(() -> connect.alterOffset(
                        "mistakes", Map.of("buffer", "b", "lane", 1), Map.of("position", 1, "run", "r")))
                .hasMessageContaining("marks offsets that the connector wrote itself: leave it out");
        connect.delete("mistakes");
    }

    private static Map<String, ?> partition(Map<Map<String, ?>, Map<String, ?>> offsets, String clientId) {
        return offsets.keySet().stream()
                .filter(partition -> ((Number) partition.get("lane")).intValue() == Lanes.of(clientId))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> connector(String name) {
        return ConnectCluster.connector(name, folders);
    }
}
