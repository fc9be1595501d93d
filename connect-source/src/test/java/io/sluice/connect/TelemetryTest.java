package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A task in a worker that gives it no registry of metrics. */
class TelemetryTest {

    private static final MBeanServer JMX_SERVER = ManagementFactory.getPlatformMBeanServer();

    @Test
    void jmx_shows_what_waits_and_what_is_delivered_until_the_task_stops() throws Exception {
        ObjectName task = new ObjectName("kafka.connect:type=plugins,connector=without-registry,task=0");
        try (TaskHarness harness = TaskHarness.with(Optional.empty(), "name", "without-registry")) {
            harness.start();
            assertThat(value(task, "sluice-lag-positions")).isZero();
            assertThat(value(task, "sluice-oldest-undelivered-age-ms")).isZero();

            harness.publish("client", 1, 3);
            List<SourceRecord> records = harness.poll(3);
            assertThat(value(task, "sluice-lag-positions")).isEqualTo(3);

            harness.acknowledge(records);
            assertThat(value(task, "sluice-lag-positions")).isZero();
            assertThat(value(task, "sluice-delivered-records-total")).isEqualTo(3);
            assertThat(value(task, "sluice-attached-buffers")).isEqualTo(1);
        }

        assertThat(JMX_SERVER.isRegistered(task)).isFalse();
        assertThat(Events.of("without-registry"))
                .containsExactly("connector.created", "buffer.attached", "task.started", "statistics", "task.stopped");
    }

    @Test
    void a_connector_is_created_when_a_buffer_first_hears_of_it_and_not_when_a_task_starts_again() throws Exception {
        try (TaskHarness harness = TaskHarness.with(Optional.empty(), "name", "comes-and-goes")) {
            harness.start();
            harness.restart();
        }

        assertThat(Events.of("comes-and-goes"))
                .containsExactly(
                        "connector.created",
                        "buffer.attached",
                        "task.started",
                        "task.stopped",
                        "buffer.attached",
                        "task.started",
                        "task.stopped");
    }

    @Test
    void a_task_that_lacks_memory_to_start_has_failed_and_does_not_look_as_if_it_started() throws Exception {
        try (TaskHarness harness = TaskHarness.with(Optional.empty(), "name", "starved")) {
            MqttSourceTask task = harness.newTask((config, drains) -> {
                throw new OutOfMemoryError("in this test");
            });
            assertThatThrownBy(() -> task.start(harness.properties())).isInstanceOf(OutOfMemoryError.class);
            task.stop();
        }

        assertThat(Events.of("starved")).containsExactly("task.failed");
    }

    @Test
    void events_tell_how_much_stays_behind_in_a_buffer_and_how_much_is_found_there(@TempDir Path dir) throws Exception {
        try (TaskHarness harness = TaskHarness.with(Optional.of(dir), "name", "moving")) {
            harness.start();
            harness.publish("client", 1, 3);
            harness.restartWithBuffer();
        }

        assertThat(Events.lines("moving"))
                .filteredOn(event -> event.contains("\"waiting\":"))
                .extracting(event -> event.replaceAll("\\{\"event\":\"([a-z.]+)\".*\"waiting\":([0-9]+).*", "$1 $2"))
                .containsExactly("buffer.attached 0", "buffer.left 3", "buffer.attached 3", "buffer.left 3");
    }

    private static double value(ObjectName bean, String attribute) throws Exception {
        return ((Number) JMX_SERVER.getAttribute(bean, attribute)).doubleValue();
    }
}
