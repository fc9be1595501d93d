package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.Lanes;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A task as the status shows it. */
class TaskStatusTest {

    private String listener = "";

    @BeforeEach
    void takeAFreePort() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener = "http://127.0.0.1:" + free.getLocalPort();
        }
    }

    private JsonNode get(String path) throws Exception {
        return new JsonMapper()
                .readTree(HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(listener + path))
                                        .build(),
                                BodyHandlers.ofString())
                        .body());
    }

    /** The task of a connector; missing if it is not shown. */
    private JsonNode task(String connector) throws Exception {
        for (JsonNode shown : get("/v1/status").path("connectors")) {
            if (shown.path("name").asText().equals(connector)) {
                return shown.at("/tasks/0");
            }
        }
        return get("/v1/status").path("missing");
    }

    @Test
    void shows_what_waits_and_what_is_delivered_until_the_task_stops() throws Exception {
        try (TaskHarness other = TaskHarness.with(Optional.empty(), "name", "other", "status.listener", listener);
                TaskHarness harness =
                        TaskHarness.with(Optional.empty(), "name", "shown", "status.listener", listener)) {
            other.start();
            long before = get("/v1/events").path("last").asLong();
            harness.start();
            harness.publish("client", 1, 3);
            List<SourceRecord> records = harness.poll(3);

            assertThat(task("shown").path("state").asText()).isEqualTo("running");
            assertThat(task("shown").at("/metrics/lag-positions").asInt()).isEqualTo(3);
            harness.acknowledge(records);
            assertThat(task("shown").at("/metrics/delivered-records-total").asInt())
                    .isEqualTo(3);
            harness.task().stop();
            assertThat(task("shown").isMissingNode()).isTrue();
            assertThat(task("other").path("state").asText()).isEqualTo("running");
            assertThat(get("/v1/events?after=" + before).path("events"))
                    .filteredOn(event -> event.path("connector").asText().equals("shown"))
                    .extracting(event -> event.path("text").asText())
                    .contains(
                            "The task has started.",
                            "3 records reached Kafka; 0 messages were not delivered as" + " records.");
        }
    }

    @Test
    void other_settings_at_an_address_that_is_served_fail_the_task_in_a_sentence(@TempDir Path dir) throws Exception {
        Path tokens = Files.writeString(dir.resolve("tokens"), "0123456789abcdef");
        try (TaskHarness first = TaskHarness.with(Optional.empty(), "name", "first", "status.listener", listener);
                TaskHarness second = TaskHarness.with(
                        Optional.empty(),
                        "name",
                        "second",
                        "status.listener",
                        listener,
                        "status.token.file",
                        tokens.toString())) {
            first.start();

            assertThatThrownBy(second::start)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageStartingWith("The status is already served at " + listener + " with other settings");
            assertThat(Events.of("second")).contains("task.failed");
            assertThat(task("first").path("state").asText()).isEqualTo("running");
        }
    }

    @Test
    void a_task_is_shown_as_failed_where_its_worker_lacks_a_file_that_the_configuration_names() throws Exception {
        try (TaskHarness other = TaskHarness.with(Optional.empty(), "name", "fine", "status.listener", listener);
                TaskHarness harness = TaskHarness.with(
                        Optional.empty(),
                        "name",
                        "lacks-a-file",
                        "value.format",
                        "json",
                        "value.schema.file",
                        "/nowhere/reading.avsc")) {
            other.start();

            assertThatThrownBy(harness::start).hasMessageContaining("/nowhere/reading.avsc");
            assertThat(Events.of("lacks-a-file")).contains("task.failed");
        }
    }

    @Test
    void an_error_in_a_poll_is_told_and_shown_as_an_exception_is() throws Exception {
        MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
        ObjectName ofWorker = new ObjectName("kafka.connect:type=connector-task-metrics,connector=errs,task=0");
        jmx.registerMBean(new StandardMBean(() -> {}, Runnable.class, false), ofWorker);
        BufferConfig inMemory =
                new BufferConfig(Optional.empty(), 1 << 24, Overflow.BLOCK, 1 << 16, Duration.ZERO, Duration.ZERO);
        try (SharedBuffer buffer = SharedBuffer.open(inMemory);
                TaskHarness harness = TaskHarness.with(Optional.empty(), "name", "errs", "status.listener", listener)) {
            MqttSourceTask task = harness.newTask((config, drains) -> {
                drains.add(unreadable(buffer.attach(config.consumer(Lanes.ALL))), "the test");
                return () -> {};
            });
            task.start(harness.properties());

            assertThatThrownBy(task::poll).isInstanceOf(StackOverflowError.class);
            assertThat(Events.lines("errs"))
                    .anyMatch(line -> line.contains("task.failed") && line.contains("in this test"));
            assertThat(task("errs").path("state").asText()).isEqualTo("failed");
            task.stop();
        } finally {
            jmx.unregisterMBean(ofWorker);
        }
    }

    private static Attachment unreadable(Attachment real) {
        return (Attachment) Proxy.newProxyInstance(
                Attachment.class.getClassLoader(), new Class<?>[] {Attachment.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("read")) {
                        throw new StackOverflowError("in this test");
                    }
                    return method.invoke(real, arguments);
                });
    }

    @Test
    void the_settings_of_a_connector_can_be_changed_while_its_old_task_serves_with_those_before(@TempDir Path dir)
            throws Exception {
        Path tokens = Files.writeString(dir.resolve("tokens"), "0123456789abcdef");
        MqttSourceConnector connector = new MqttSourceConnector();
        try (TaskHarness harness = TaskHarness.with(Optional.empty(), "name", "changed", "status.listener", listener)) {
            harness.start();
            harness.configure("status.token.file", tokens.toString());

            connector.start(harness.properties());
            assertThat(Events.lines("changed"))
                    .anyMatch(line -> line.contains("connector.warning")
                            && line.contains("The status is already served at " + listener + " with other settings"));
            harness.restart();
            assertThat(HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(URI.create(listener + "/v1/status"))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(401);
        } finally {
            connector.stop();
        }
    }

    @Test
    void a_port_that_another_process_has_stops_no_task() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TaskHarness harness = TaskHarness.with(
                        Optional.empty(),
                        "name",
                        "port-taken",
                        "status.listener",
                        "http://127.0.0.1:" + taken.getLocalPort())) {
            harness.start();
            harness.publish("client", 1, 1);

            assertThat(harness.poll(1)).hasSize(1);
            assertThat(Events.lines("port-taken"))
                    .anyMatch(line -> line.contains("connector.warning") && line.contains("It is tried again every"));
        }
    }
}
