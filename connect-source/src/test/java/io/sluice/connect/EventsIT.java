package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is told of connectors in a real worker. */
class EventsIT {

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

    @Test
    void the_life_of_a_connector_is_told_from_its_creation_to_its_end() throws Exception {
        Map<String, String> properties = ConnectCluster.connector("told", folders);
        properties.put("producer.override.ssl.key.password", "not-to-be-told");
        connect.create("told", properties);
        connect.pause("told");
        connect.resume("told");
        properties.put("topic.filters", "other/#");
        properties.put("producer.override.ssl.key.password", "nor-this");
        connect.configure("told", properties);
        awaitLast("told", "task.started", 2);
        connect.restartTask("told");
        awaitLast("told", "task.started", 3);
        connect.delete("told");
        awaitLast("told", "task.stopped", 3);

        assertThat(EventHistory.of("told"))
                .containsSubsequence(
                        "connector.created",
                        "task.started",
                        "connector.updated",
                        "task.started",
                        "task.stopped",
                        "task.started",
                        "task.stopped")
                .containsOnlyOnce("connector.created", "connector.updated");
        assertThat(EventHistory.lines("told"))
                .filteredOn(line -> line.contains("connector.updated"))
                .singleElement()
                .asString()
                .contains("\"changed\":[\"producer.override.ssl.key.password\",\"topic.filters\"]");
        assertThat(EventHistory.lines("told"))
                .noneMatch(line -> line.contains("not-to-be-told") || line.contains("nor-this"));
    }

    private static void awaitLast(String connector, String event, int times) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(EventHistory.of(connector))
                        .filteredOn(event::equals)
                        .hasSize(times));
    }
}
