package io.sluice.connect.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.junit.jupiter.api.Test;

/** The registry as a worker makes it for its tasks. */
class ConnectMetricsTest {

    private static final Map<String, String> TASK = Map.of("connector", "mqtt", "task", "0");

    @Test
    void metrics_of_a_task_are_shown_once_the_one_before_that_was_slow_to_stop_is_gone() throws Exception {
        try (Metrics worker = new Metrics()) {
            PluginMetricsImpl before = new PluginMetricsImpl(worker, TASK);
            ConnectMetrics slow = new ConnectMetrics(before);
            slow.add("sluice-lag-positions", "", Map.of(), (config, now) -> 1);
            ConnectMetrics replacement = new ConnectMetrics(new PluginMetricsImpl(worker, TASK));
            replacement.add("sluice-lag-positions", "", Map.of(), (config, now) -> 2);
            replacement.addRefused();
            assertThat(lag(worker)).isEqualTo(1.0);

            before.close();
            replacement.addRefused();

            assertThat(lag(worker)).isEqualTo(2.0);
        }
    }

    @Test
    void a_task_that_was_closed_while_it_waited_fails_on_nothing() throws Exception {
        try (Metrics worker = new Metrics()) {
            PluginMetricsImpl before = new PluginMetricsImpl(worker, TASK);
            new ConnectMetrics(before).add("sluice-lag-positions", "", Map.of(), (config, now) -> 1);
            PluginMetricsImpl after = new PluginMetricsImpl(worker, TASK);
            ConnectMetrics replacement = new ConnectMetrics(after);
            replacement.add("sluice-lag-positions", "", Map.of(), (config, now) -> 2);
            after.close();
            before.close();
            replacement.addRefused();

            assertThat(worker.metrics().keySet()).noneMatch(name -> name.name().startsWith("sluice-"));
        }
    }

    private static Object lag(Metrics worker) {
        return worker.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("sluice-lag-positions"))
                .findFirst()
                .orElseThrow()
                .metricValue();
    }
}
