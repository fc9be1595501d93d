package io.sluice.assembly;

import io.sluice.assembly.SoakStream.Counts;
import io.sluice.assembly.SoakStream.Source;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/** Every message of the soak, by an id that it carries, and what became of it. Thread-safe. */
final class SoakAccount {

    private final ConcurrentMap<String, Integer> numbers = new ConcurrentHashMap<>();
    private final List<SoakStream> streams = new CopyOnWriteArrayList<>();
    private final ConcurrentMap<String, AtomicLong> acknowledged = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, AtomicLong> arrived = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, AtomicLong> failures = new ConcurrentHashMap<>();

    /** The id of the next message of a stream, which begins with it. */
    String next(Source source, String topic) {
        int number = numbers.computeIfAbsent(source + topic, unknown -> begin(new SoakStream(source, topic)));
        return number + ":" + streams.get(number).publishNext();
    }

    private synchronized int begin(SoakStream stream) {
        streams.add(stream);
        return streams.size() - 1;
    }

    private SoakStream stream(String id) {
        return streams.get(Integer.parseInt(id.substring(0, id.indexOf(':'))));
    }

    private static int number(String id) {
        return Integer.parseInt(id.substring(id.indexOf(':') + 1));
    }

    void acknowledged(String id) {
        SoakStream stream = stream(id);
        stream.acknowledged(number(id));
        if (stream.source().qos() > 0) {
            count(acknowledged, stream.source().broker());
        }
    }

    /** The broker has refused a message, or it was lost with its connection. */
    void failed(String id, String reason, boolean refused) {
        SoakStream stream = stream(id);
        stream.failed(number(id), refused);
        count(failures, stream.source().broker() + ": " + reason);
    }

    void arrived(String id, TopicPartition where, boolean deadLetter) {
        SoakStream stream = stream(id);
        stream.arrived(number(id), where, deadLetter);
        count(arrived, stream.source().broker());
    }

    private static void count(ConcurrentMap<String, AtomicLong> counts, String key) {
        counts.computeIfAbsent(key, unknown -> new AtomicLong()).incrementAndGet();
    }

    private static long of(ConcurrentMap<String, AtomicLong> counts, String key) {
        AtomicLong count = counts.get(key);
        return count == null ? 0 : count.get();
    }

    /** How many messages with QoS 1 and 2 a broker has acknowledged. */
    long acknowledgedBy(String broker) {
        return of(acknowledged, broker);
    }

    /** How many records of what was published to a broker were read from Kafka. */
    long arrivedFrom(String broker) {
        return of(arrived, broker);
    }

    /** Why publishes failed, and how many. */
    Map<String, Long> failures() {
        return failures.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, failure -> failure.getValue().get(), Long::sum, TreeMap::new));
    }

    /** The streams of a kind, each with how many it has published. */
    Map<SoakStream, Integer> published(SoakKind kind) {
        return streams.stream()
                .filter(stream -> stream.source().kind() == kind)
                .collect(Collectors.toMap(stream -> stream, SoakStream::published));
    }

    Counts counts(Predicate<Source> which) {
        return streams.stream()
                .filter(stream -> which.test(stream.source()))
                .map(SoakStream::counts)
                .reduce(Counts.NONE, Counts::plus);
    }

    boolean isComplete() {
        return streams.stream().allMatch(SoakStream::isComplete);
    }

    List<String> problems() {
        return streams.stream().flatMap(stream -> stream.problems().stream()).toList();
    }

    /** By broker, kind and QoS. */
    Map<Source, Counts> bySource() {
        Map<Source, Counts> all = new TreeMap<>(
                Comparator.comparing(Source::broker).thenComparing(Source::kind).thenComparing(Source::qos));
        streams.forEach(stream -> all.merge(stream.source(), stream.counts(), Counts::plus));
        return all;
    }
}
