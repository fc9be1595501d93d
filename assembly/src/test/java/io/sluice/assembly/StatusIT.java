package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sluice.testkit.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the archive in a real worker says of itself over HTTP, also to a real Prometheus. */
class StatusIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MESSAGES = 20;

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    private HttpResponse<String> get(String address, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://" + address + path)).build(), BodyHandlers.ofString());
    }

    private JsonNode json(String address, String path) throws IOException, InterruptedException {
        return JSON.readTree(get(address, path).body());
    }

    private static ConditionFactory patiently() {
        return await().atMost(TIMEOUT).ignoreExceptionsInstanceOf(IOException.class);
    }

    @Test
    void what_waits_rises_and_falls_and_prometheus_finds_every_series_that_the_dashboard_asks_for() throws Exception {
        int mqtt = FreePort.next();
        String status = "127.0.0.1:" + FreePort.next();
        Map<String, String> config = INSTALLED.firstConfiguration(mqtt);
        config.put("broker.name", "watched");
        config.put("kafka.topic", "watched");
        config.put("status.listener", "http://" + status);
        INSTALLED.worker().rest().create("watched", config);
        INSTALLED.worker().rest().awaitRunning("watched", TIMEOUT);
        try (Publisher device = Publisher.mqtt3("thermometer", mqtt)) {
            device.connect();
            INSTALLED.worker().rest().pause("watched");
            INSTALLED.worker().rest().awaitPaused("watched", TIMEOUT);
            publish(device);

            patiently().untilAsserted(() -> {
                JsonNode consumer = broker(json(status, "/v1/status")).at("/consumers/0");
                assertThat(consumer.path("connector").asText()).isEqualTo("watched");
                assertThat(consumer.path("messages").asInt()).isPositive();
                assertThat(consumer.path("oldestAgeMs").asLong()).isPositive();
            });
            assertThat(json(status, "/v1/clients").path("clients").findValuesAsText("clientId"))
                    .contains("thermometer");
            INSTALLED.worker().rest().resume("watched");

            patiently().untilAsserted(() -> {
                JsonNode now = json(status, "/v1/status");
                assertThat(broker(now).at("/consumers/0/messages").asInt(-1)).isZero();
                assertThat(now.at("/connectors/0/tasks/0/state").asText()).isEqualTo("running");
                assertThat(now.at("/connectors/0/tasks/0/metrics/delivered-records-total")
                                .asInt())
                        .isEqualTo(MESSAGES);
            });
            assertThat(get(status, "/health").statusCode()).isEqualTo(200);
            assertThat(json(status, "/v1/events").at("/events").findValuesAsText("event"))
                    .contains("broker.started", "connector.created", "task.started", "consumer.attached");
            assertThat(get(status, "/v1/events").body()
                            + get(status, "/v1/status").body())
                    .doesNotContain("21.5");
            findEverySeries(status);
        }
        INSTALLED.worker().rest().delete("watched");
        patiently().until(() -> isClosed(status));
    }

    /** Those of other tests may stay open for a while. */
    private static JsonNode broker(JsonNode status) {
        for (JsonNode broker : status.path("brokers")) {
            if (broker.path("name").asText().equals("watched")) {
                return broker;
            }
        }
        return MissingNode.getInstance();
    }

    private static void publish(Publisher device) throws Exception {
        List<CompletableFuture<Void>> published = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            published.add(device.publish("sensors/" + i, "21.5".getBytes(UTF_8)));
        }
        for (CompletableFuture<Void> one : published) {
            one.get(30, TimeUnit.SECONDS);
        }
    }

    private void findEverySeries(String status) throws Exception {
        assumeThat(Prometheus.PROGRAM)
                .as("Prometheus of Debian's package prometheus is not installed: nobody scrapes the worker")
                .isExecutable();
        List<String> expressions = expressions();
        assertThat(expressions).hasSizeGreaterThan(30);
        try (Prometheus prometheus = Prometheus.scraping(folder, status)) {
            patiently()
                    .untilAsserted(
                            () -> assertThat(prometheus.target().path("health").asText())
                                    .as(prometheus.target().path("lastError").asText())
                                    .isEqualTo("up"));
            for (String expression : expressions) {
                patiently()
                        .untilAsserted(() -> assertThat(prometheus.query(expression))
                                .as(expression)
                                .isNotEmpty());
            }
        }
    }

    /** What the dashboard of the archive asks, with what Grafana puts in the places of its variables. */
    private static List<String> expressions() throws IOException {
        JsonNode dashboard = JSON.readTree(Archives.zip().get(Archives.ROOT + "etc/monitoring/sluice-dashboard.json"));
        List<String> expressions = new ArrayList<>(dashboard.path("panels").findValuesAsText("expr"));
        dashboard.at("/templating/list").forEach(variable -> {
            if (variable.path("type").asText().equals("query")) {
                expressions.add(variable.at("/query/query").asText().replaceAll("label_values\\(([^,]*),.*", "$1"));
            }
        });
        return expressions.stream()
                .map(expression -> expression
                        .replace("$__rate_interval", "10s")
                        .replace("$connector", ".*")
                        .replace("$broker", ".*"))
                .toList();
    }

    private boolean isClosed(String status) throws InterruptedException {
        try {
            get(status, "/health/live");
            return false;
        } catch (IOException nobody) {
            return true;
        }
    }

    @Test
    void a_task_that_has_failed_is_shown_with_its_reason_as_long_as_the_connector_is_there() throws Exception {
        String status = "127.0.0.1:" + FreePort.next();
        Map<String, String> config = INSTALLED.firstConfiguration(FreePort.next());
        config.put("broker.name", "broken");
        config.put("status.listener", "http://" + status);
        config.put(
                "buffer.dir",
                Files.writeString(folder.resolve("file"), "no folder").toString());
        INSTALLED.worker().rest().create("broken", config);

        patiently().untilAsserted(() -> {
            JsonNode task = json(status, "/v1/status").at("/connectors/0/tasks/0");
            assertThat(task.path("state").asText()).isEqualTo("failed");
            assertThat(task.path("text").asText())
                    .contains(folder.resolve("file").toString());
            assertThat(get(status, "/health").statusCode()).isEqualTo(503);
            assertThat(json(status, "/v1/events?kind=errors").at("/events").findValuesAsText("event"))
                    .contains("task.failed");
            assertThat(get(status, "/metrics").body())
                    .contains("kafka_connect_task_status{connector=\"broken\",task=\"0\",status=\"failed\"} 1\n");
        });
        INSTALLED.worker().rest().delete("broken");
    }
}
