package io.sluice.connect.telemetry;

import io.sluice.broker.BrokerStats;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.connect.source.SourceTaskContext;

/**
 * What operators see of a task, from its start to its end.
 *
 * <p>Metrics are asked for when somebody looks at them. Once a second, as the task polls, this looks by itself at what cannot
 * wait for that: the rate at which records arrive, whether the broker was started again, and, once an hour and at
 * the end, what there is to tell of the hour. For the thread of the task.
 */
public final class TaskTelemetry implements AutoCloseable {

    private static final long LOOK_NS = Duration.ofSeconds(1).toNanos();
    private static final long STATISTICS_NS = Duration.ofHours(1).toNanos();

    private final TaskEvents events;
    private final TaskMetrics metrics;
    private final Supplier<TaskStats> stats;
    private long lookedNs = System.nanoTime();
    private long toldNs = lookedNs;
    private long delivered;
    private long processedBefore;
    private long errorsBefore;

    private TaskTelemetry(TaskEvents events, TaskMetrics metrics, Supplier<TaskStats> stats) {
        this.events = events;
        this.metrics = metrics;
        this.stats = stats;
    }

    /** Shows a task that has started. */
    public static TaskTelemetry started(
            TaskEvents events, SourceTaskContext context, String connector, int task, Supplier<TaskStats> stats) {
        TaskMetrics metrics = new TaskMetrics(TaskMetrics.registry(context, connector, task));
        metrics.show(stats);
        events.started();
        return new TaskTelemetry(events, metrics, stats);
    }

    /** Shows the task's broker too, which is in this process. */
    public void show(String name, Supplier<BrokerStats> ofBroker) {
        metrics.show(name, ofBroker);
    }

    /** The task has polled. */
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

    /** The task has failed; it is stopped next. */
    public void failed(Throwable cause) {
        events.failed(cause);
    }

    /** The task has stopped. */
    @Override
    public void close() {
        tellStatistics();
        events.stopped();
        metrics.close();
    }
}
