package io.sluice.connect.telemetry;

import io.sluice.broker.BrokerStats;
import io.sluice.status.TaskStatus.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.connect.source.SourceTaskContext;

/**
 * What operators see of a task, from its start to its end. Metrics are asked for when somebody looks at them. Once a
 * second, as the task polls, this looks by itself at what cannot wait for that: the rate at which records arrive,
 * whether the broker was started again, and, once an hour and at the end, what there is to tell of the hour. For the
 * thread of the task.
 */
public final class TaskTelemetry implements AutoCloseable {

    private static final long LOOK_NS = Duration.ofSeconds(1).toNanos();
    private static final long STATISTICS_NS = Duration.ofHours(1).toNanos();

    private final TaskEvents events;
    private final TaskMetrics metrics;
    private final TaskView view;
    private final Supplier<TaskStats> stats;
    private long lookedNs = System.nanoTime();
    private long toldNs = lookedNs;
    private long delivered;
    private long processedBefore;
    private long errorsBefore;

    private TaskTelemetry(TaskEvents events, TaskMetrics metrics, TaskView view, Supplier<TaskStats> stats) {
        this.events = events;
        this.metrics = metrics;
        this.view = view;
        this.stats = stats;
    }

    /**
     * Shows a task that has started.
     *
     * @param view where the status shows it
     * @param stall why Kafka acknowledges nothing, if it has not for a while
     * @param endpoints the standalone brokers that it drains
     */
    public static TaskTelemetry started(
            TaskEvents events,
            SourceTaskContext context,
            TaskView view,
            Supplier<TaskStats> stats,
            Supplier<Optional<String>> stall,
            Supplier<List<Endpoint>> endpoints) {
        TaskMetrics metrics = new TaskMetrics(TaskMetrics.registry(context, view.connector(), view.number()));
        try {
            metrics.show(stats);
        } catch (RuntimeException | Error e) {
            metrics.close();
            throw e;
        }
        view.started(new TaskView.Source(stats, stall, endpoints, metrics::deliveredPerSecond));
        events.started();
        return new TaskTelemetry(events, metrics, view, stats);
    }

    public void show(String name, Supplier<BrokerStats> ofBroker) {
        metrics.show(name, ofBroker);
    }

    public void polled() {
        long now = System.nanoTime();
        if (now - lookedNs < LOOK_NS) {
            return;
        }
        lookedNs = now;
        look();
        if (now - toldNs >= STATISTICS_NS) {
            toldNs = now;
            tellStatistics();
        }
    }

    private void look() {
        events.look();
        metrics.showRefused();
        long inKafka = stats.get().delivered();
        if (inKafka > delivered) {
            metrics.delivered(inKafka - delivered, System.currentTimeMillis());
            delivered = inKafka;
        }
    }

    private void tellStatistics() {
        TaskStats now = stats.get();
        long processed = now.delivered() - processedBefore;
        long errors = now.errors() - errorsBefore;
        if (processed > 0 || errors > 0) {
            events.statistics(processed, errors);
        }
        processedBefore = now.delivered();
        errorsBefore = now.errors();
    }

    public void failed(Throwable cause) {
        events.failed(cause);
        view.failed(cause);
    }

    @Override
    public void close() {
        try (metrics) {
            tellStatistics();
            events.stopped();
        } finally {
            view.ended();
        }
    }
}
