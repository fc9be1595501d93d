package io.sluice.tools.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.thread.DaemonThreads;
import io.sluice.tools.ProcessStatus;
import io.sluice.tools.StatusClient;
import io.sluice.tools.ToolException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the status listeners of a context say of each connector, now and in the last ten minutes in which somebody looked.
 * It is asked in a separate thread, so that a listener that is away holds up nothing. Thread-safe.
 */
final class Telemetry {

    private static final int REMEMBERED = 300;
    /** Of thousands of connectors less than ten minutes are remembered: each sample takes half a KiB. */
    private static final int ALL_REMEMBERED = 100_000;

    private static final int SPARK = 40;

    private final Map<String, Deque<Sample>> samples = new HashMap<>();
    private Optional<String> failure = Optional.empty();
    private long asked;
    private boolean asking;

    /**
     * A connector at a time.
     *
     * @param at milliseconds since the epoch
     * @param captured messages that each broker it reads from has captured
     * @param delivered records of each task that are in Kafka
     * @param rate of them in a second, or less than 0 if the task does not say
     * @param lag positions that are not dealt with
     * @param age of the oldest, in milliseconds
     * @param dead dead letters
     * @param commit how long a group commit takes on average, in milliseconds
     * @param text what is wrong with its tasks
     */
    private record Sample(
            long at,
            Map<String, Double> captured,
            Map<String, Double> delivered,
            double rate,
            double lag,
            double age,
            double dead,
            double commit,
            String text) {}

    /** Asks again, if nobody is asking. */
    void refresh(KnownPlace place) {
        synchronized (this) {
            if (asking) {
                return;
            }
            asking = true;
        }
        new DaemonThreads("console-status").newThread(() -> ask(place)).start();
    }

    private void ask(KnownPlace place) {
        Map<String, ProcessStatus> answers = new LinkedHashMap<>();
        List<String> failures = new ArrayList<>();
        try {
            for (StatusClient listener : place.listeners()) {
                try {
                    answers.put(listener.listener().toString(), listener.status());
                } catch (ToolException e) {
                    failures.add(e.sentence());
                }
            }
        } catch (ToolException e) {
            failures.add(e.sentence());
        } finally {
            remember(answers, failures, Instant.now());
        }
    }

    /**
     * Remembers what was answered. While a listener is silent nobody knows what has gone, so nothing is forgotten.
     *
     * @param answers by listener
     * @param failures of those that did not answer
     */
    synchronized void remember(Map<String, ProcessStatus> answers, List<String> failures, Instant at) {
        asking = false;
        asked = at.toEpochMilli();
        failure = failures.stream().findFirst();
        Map<String, Seen> seen = seen(answers);
        if (failures.isEmpty()) {
            samples.keySet().retainAll(seen.keySet());
        }
        int most = Math.max(SPARK, Math.min(REMEMBERED, ALL_REMEMBERED / Math.max(1, seen.size())));
        seen.forEach((name, now) -> {
            Deque<Sample> series = samples.computeIfAbsent(name, key -> new ArrayDeque<>());
            series.add(now.sample(asked));
            while (series.size() > most) {
                series.remove();
            }
        });
    }

    /** What listeners say of each connector. There may be thousands of them, so each answer is gone through once. */
    private static Map<String, Seen> seen(Map<String, ProcessStatus> answers) {
        Map<String, Seen> seen = new HashMap<>();
        answers.forEach((listener, answer) -> answer.connectors().forEach(connector -> {
            Seen one = seen.computeIfAbsent(connector.name(), name -> new Seen());
            connector.tasks().forEach(task -> one.add(listener, task));
        }));
        answers.forEach((listener, answer) -> answer.brokers()
                .forEach(broker -> broker.consumers().stream()
                        .map(ProcessStatus.Consumer::connector)
                        .distinct()
                        .flatMap(name -> Stream.ofNullable(seen.get(name)))
                        .forEach(one -> one.add(listener, broker))));
        return seen;
    }

    private static final class Seen {

        private final List<ProcessStatus.Task> tasks = new ArrayList<>();
        private final List<ProcessStatus.Broker> brokers = new ArrayList<>();
        private final Map<String, Double> captured = new HashMap<>();
        private final Map<String, Double> delivered = new HashMap<>();

        void add(String listener, ProcessStatus.Task task) {
            tasks.add(task);
            count(delivered, listener + " " + task.id(), task.metrics().get("delivered-records-total"));
        }

        void add(String listener, ProcessStatus.Broker broker) {
            brokers.add(broker);
            count(captured, listener + " " + broker.name(), broker.metrics().get("captured-messages-total"));
        }

        Sample sample(long at) {
            return new Sample(
                    at,
                    captured,
                    delivered,
                    values(tasks, "delivered-records-rate").sum(),
                    values(tasks, "lag-positions").sum(),
                    values(tasks, "oldest-undelivered-age-ms").max().orElse(0),
                    values(tasks, "dead-letters-total").sum(),
                    brokers.stream()
                            .mapToDouble(broker -> value(broker.metrics(), "group-commit-time-ms-avg"))
                            .max()
                            .orElse(0),
                    tasks.stream()
                            .map(ProcessStatus.Task::text)
                            .filter(Objects::nonNull)
                            .findFirst()
                            .orElse(""));
        }
    }

    private static void count(Map<String, Double> counts, String of, @Nullable Double count) {
        if (count != null) {
            counts.put(of, count);
        }
    }

    private static DoubleStream values(List<ProcessStatus.Task> tasks, String name) {
        return tasks.stream().mapToDouble(task -> value(task.metrics(), name));
    }

    private static double value(Map<String, @Nullable Double> metrics, String name) {
        Double value = metrics.get(name);
        return value == null ? 0 : value;
    }

    /** Why there is nothing of some connectors, and how that changes; empty if all listeners answer. */
    synchronized Optional<String> failure() {
        return failure;
    }

    /** The newest values of a connector, and the last rates; empty if no listener that answers knows it. */
    synchronized Optional<ObjectNode> now(String name) {
        Deque<Sample> series = samples.get(name);
        if (series == null || series.getLast().at() != asked) {
            return Optional.empty();
        }
        List<Double> rates = rates(series, Sample::delivered);
        Sample last = series.getLast();
        ObjectNode now = Call.JSON
                .createObjectNode()
                .put("rate", rates.isEmpty() ? Math.max(0, last.rate()) : rates.get(rates.size() - 1))
                .put("lag", last.lag())
                .put("age", last.age())
                .put("dead", last.dead());
        if (!last.text().isEmpty()) {
            now.put("text", last.text());
        }
        ArrayNode spark = now.putArray("rates");
        rates.subList(Math.max(0, rates.size() - SPARK), rates.size()).forEach(spark::add);
        return Optional.of(now);
    }

    /** The values of the last ten minutes, as arrays of the same length. */
    synchronized ObjectNode history(String name) {
        ObjectNode history = Call.JSON.createObjectNode();
        failure.ifPresent(sentence -> history.put("failure", sentence));
        Deque<Sample> series = samples.getOrDefault(name, new ArrayDeque<>());
        ArrayNode at = history.putArray("at");
        ArrayNode lag = history.putArray("lag");
        ArrayNode age = history.putArray("age");
        ArrayNode commit = history.putArray("commit");
        series.stream().skip(1).forEach(sample -> {
            at.add(sample.at() / 1000.0);
            lag.add(sample.lag());
            age.add(sample.age() / 1000);
            commit.add(sample.commit());
        });
        ArrayNode captured = history.putArray("captured");
        rates(series, Sample::captured).forEach(captured::add);
        ArrayNode delivered = history.putArray("delivered");
        rates(series, Sample::delivered).forEach(delivered::add);
        return history;
    }

    /** How many in a second, from one sample to the next. */
    private static List<Double> rates(Deque<Sample> series, Function<Sample, Map<String, Double>> counts) {
        List<Double> rates = new ArrayList<>();
        Sample before = null;
        for (Sample sample : series) {
            if (before != null) {
                double seconds = Math.max(0.001, (sample.at() - before.at()) / 1000.0);
                rates.add(more(counts.apply(before), counts.apply(sample)) / seconds);
            }
            before = sample;
        }
        return rates;
    }

    /**
     * By how much counts have grown. One that begins anew with its task counts from 0; one that was not known before says
     * nothing of how much is new.
     */
    private static double more(Map<String, Double> before, Map<String, Double> now) {
        double sum = 0;
        for (Map.Entry<String, Double> each : now.entrySet()) {
            Double then = before.get(each.getKey());
            if (then != null) {
                sum += each.getValue() < then ? each.getValue() : each.getValue() - then;
            }
        }
        return sum;
    }
}
