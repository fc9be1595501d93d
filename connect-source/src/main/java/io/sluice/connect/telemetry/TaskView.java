package io.sluice.connect.telemetry;

import io.sluice.status.Sample;
import io.sluice.status.ShownTask;
import io.sluice.status.StatusBoard;
import io.sluice.status.TaskStatus;
import io.sluice.status.TaskStatus.Endpoint;
import io.sluice.status.TaskStatus.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A task as the status shows it, from its start to its end; one that has failed is shown for as long as Kafka Connect has
 * it in this worker, or until it is started again. Thread-safe.
 */
public final class TaskView implements ShownTask {

    /** Of a task that has not started yet, or has failed: what it held is given up with it. */
    private static final Source NONE =
            new Source(() -> new TaskStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), Optional::empty, List::of, () -> 0.0);

    private final StatusBoard board;
    private final String connector;
    private final int number;
    private final BooleanSupplier isInWorker;
    private volatile Source source = NONE;
    private volatile Optional<String> failure = Optional.empty();
    private volatile Instant since = Instant.now();

    /**
     * @param rate records that reach Kafka, per second
     */
    record Source(
            Supplier<TaskStats> stats,
            Supplier<Optional<String>> stall,
            Supplier<List<Endpoint>> endpoints,
            Supplier<Double> rate) {}

    TaskView(StatusBoard board, String connector, int number, BooleanSupplier isInWorker) {
        this.board = board;
        this.connector = connector;
        this.number = number;
        this.isInWorker = isInWorker;
    }

    public static TaskView show(String connector, int number) {
        TaskView view =
                new TaskView(StatusBoard.shared(), connector, number, () -> WorkerMetrics.hasTask(connector, number));
        view.board.show(view);
        return view;
    }

    void started(Source of) {
        source = of;
        since = Instant.now();
    }

    public void failed(Throwable cause) {
        failure = Optional.of(String.valueOf(cause.getMessage()));
        source = NONE;
        since = Instant.now();
    }

    public void ended() {
        if (failure.isEmpty()) {
            board.hide(this);
        }
    }

    @Override
    public String connector() {
        return connector;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public boolean isGone() {
        return failure.isPresent() && !isInWorker.getAsBoolean();
    }

    @Override
    public Optional<TaskStatus> status() {
        if (failure.isPresent()) {
            if (isGone()) {
                board.hide(this);
                return Optional.empty();
            }
            return Optional.of(new TaskStatus(State.FAILED, failure, since, OptionalLong.empty(), List.of()));
        }
        TaskStats now = source.stats().get();
        Optional<String> stall = source.stall().get();
        List<Endpoint> endpoints = source.endpoints().get();
        if (stall.isPresent()) {
            return Optional.of(
                    new TaskStatus(State.STALLED, stall, since, OptionalLong.of(now.kafkaSilenceMs()), endpoints));
        }
        return Optional.of(new TaskStatus(
                now.attachedBuffers() == 0 ? State.WAITING : State.RUNNING,
                away(now, endpoints),
                since,
                OptionalLong.empty(),
                endpoints));
    }

    private static Optional<String> away(TaskStats now, List<Endpoint> endpoints) {
        List<String> away = endpoints.stream()
                .filter(endpoint -> !endpoint.attached())
                .map(Endpoint::uri)
                .toList();
        if (!away.isEmpty()) {
            return Optional.of("It waits for the brokers at " + String.join(", ", away) + ".");
        }
        return now.attachedBuffers() == 0 ? Optional.of("It starts.") : Optional.empty();
    }

    @Override
    public List<Sample> samples() {
        if (failure.isPresent()) {
            return List.of();
        }
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("connector", connector);
        labels.put("task", Integer.toString(number));
        TaskStats now = source.stats().get();
        List<Sample> samples = new ArrayList<>();
        for (TaskMetric metric : TaskMetric.values()) {
            samples.add(new Sample(TaskMetrics.PREFIX + metric.label(), metric.description(), labels, metric.of(now)));
        }
        samples.add(new Sample(
                TaskMetrics.PREFIX + TaskMetric.RATE,
                TaskMetric.RATE_DESCRIPTION,
                labels,
                source.rate().get()));
        return samples;
    }
}
