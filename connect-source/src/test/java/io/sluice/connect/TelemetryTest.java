package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connect.telemetry.EventLogMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

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
        EventLogMXBean events =
                JMX.newMXBeanProxy(JMX_SERVER, new ObjectName("io.sluice:type=Events"), EventLogMXBean.class);
        assertThat(Arrays.stream(events.getLatest()).filter(event -> event.contains("without-registry")))
                .extracting(event -> event.replaceAll("\\{\"event\":\"([a-z.]+)\".*", "$1"))
                .containsExactly("task.started", "statistics", "task.stopped");
    }

    private static double value(ObjectName bean, String attribute) throws Exception {
        return ((Number) JMX_SERVER.getAttribute(bean, attribute)).doubleValue();
    }
}
