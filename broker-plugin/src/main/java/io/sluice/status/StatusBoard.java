package io.sluice.status;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * The board on which the packages of this process put what the status shows. It is there whether or not the status is
 * served, and reads nothing before somebody looks. Thread-safe.
 */
public final class StatusBoard {

    private static final StatusBoard SHARED = new StatusBoard();

    private final Instant startedAt = Instant.now();
    private final List<ShownBroker> brokers = new CopyOnWriteArrayList<>();
    private final List<ShownTask> tasks = new CopyOnWriteArrayList<>();
    private final List<Supplier<List<Sample>>> others = new CopyOnWriteArrayList<>();
    private final StatusEvents events = new StatusEvents();

    /** The board of this process. */
    public static StatusBoard shared() {
        return SHARED;
    }

    /** Shows a broker, until it is hidden. */
    public void show(ShownBroker broker) {
        brokers.add(broker);
    }

    public void hide(ShownBroker broker) {
        brokers.remove(broker);
    }

    /** Shows a task, in place of the one that has its connector and number, and of those that are gone. */
    public synchronized void show(ShownTask task) {
        tasks.removeIf(other -> other.isGone()
                || (other.number() == task.number() && other.connector().equals(task.connector())));
        tasks.add(task);
    }

    /** Shows a task no more, if it is still the one that is shown. */
    public void hide(ShownTask task) {
        tasks.remove(task);
    }

    /** Shows further metrics, for as long as the process runs. */
    public void show(Supplier<List<Sample>> samples) {
        others.add(samples);
    }

    public StatusEvents events() {
        return events;
    }

    Instant startedAt() {
        return startedAt;
    }

    List<ShownBroker> brokers() {
        return brokers.stream().sorted(Comparator.comparing(ShownBroker::name)).toList();
    }

    List<ShownTask> tasks() {
        return tasks.stream()
                .sorted(Comparator.comparing(ShownTask::connector).thenComparingInt(ShownTask::number))
                .toList();
    }

    List<Sample> samples() {
        List<Sample> samples = new ArrayList<>();
        brokers().forEach(broker -> samples.addAll(broker.samples()));
        tasks().forEach(task -> samples.addAll(task.samples()));
        others.forEach(other -> samples.addAll(other.get()));
        return samples;
    }
}
