package io.sluice.assembly;

import io.sluice.assembly.SoakKind.Fate;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** What one device publishes of one kind to one topic, numbered from 0, and what became of each message. Thread-safe. */
final class SoakStream {

    private static final int MOST_NAMED = 20;

    private final Source source;
    private final String topic;
    private final BitSet acknowledged = new BitSet();
    private final BitSet refused = new BitSet();
    private final BitSet failed = new BitSet();
    private final BitSet records = new BitSet();
    private final BitSet deadLetters = new BitSet();
    private final BitSet deleted = new BitSet();
    private final Map<TopicPartition, Integer> highest = new HashMap<>();
    private int published;
    private int repeated;
    private int outOfOrder;

    /**
     * What streams have in common.
     *
     * @param broker which it is published to
     * @param exactlyOnce whether the worker has exactly-once source support
     */
    record Source(String broker, boolean exactlyOnce, int qos, SoakKind kind) {}

    /** How many messages had which fate; of what was not acknowledged, those that arrived count as well. */
    record Counts(
            long published,
            long acknowledged,
            long refused,
            long records,
            long deadLetters,
            long deleted,
            long leftOut,
            long repeated) {

        static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0);

        Counts plus(Counts other) {
            return new Counts(
                    published + other.published,
                    acknowledged + other.acknowledged,
                    refused + other.refused,
                    records + other.records,
                    deadLetters + other.deadLetters,
                    deleted + other.deleted,
                    leftOut + other.leftOut,
                    repeated + other.repeated);
        }
    }

    SoakStream(Source source, String topic) {
        this.source = source;
        this.topic = topic;
    }

    Source source() {
        return source;
    }

    String topic() {
        return topic;
    }

    synchronized int publishNext() {
        return published++;
    }

    synchronized void acknowledged(int number) {
        acknowledged.set(number);
    }

    /** A message was refused, or lost with its connection, and is not sent again. */
    synchronized void failed(int number, boolean refusedByBroker) {
        failed.set(number);
        refused.set(number, refusedByBroker);
    }

    /** A message is in Kafka. */
    synchronized void arrived(int number, TopicPartition where, boolean deadLetter) {
        if (records.get(number) || deadLetters.get(number)) {
            repeated++;
            return;
        }
        (deadLetter ? deadLetters : records).set(number);
        deleted.clear(number);
        if (number < highest.getOrDefault(where, -1)) {
            outOfOrder++;
        }
        highest.merge(where, number, Math::max);
    }

    synchronized int published() {
        return published;
    }

    /** The first message of which it is open whether it arrives. */
    synchronized int firstOpen() {
        BitSet closed = (BitSet) records.clone();
        closed.or(deadLetters);
        closed.or(failed);
        closed.or(deleted);
        return closed.nextClearBit(0);
    }

    /** What is missing from one number to before another was deleted with its topic. */
    synchronized void deleted(int from, int to) {
        BitSet gone = missing();
        gone.clear(0, from);
        gone.clear(to, Math.max(to, gone.length()));
        deleted.or(gone);
    }

    synchronized Counts counts() {
        return new Counts(
                published,
                acknowledged.cardinality(),
                refused.cardinality(),
                records.cardinality(),
                deadLetters.cardinality(),
                source.kind().fate() == Fate.RECORD_OR_DELETED ? deleted.cardinality() : 0,
                source.kind().fate() == Fate.NOTHING ? acknowledged.cardinality() : 0,
                repeated);
    }

    /** Acknowledged, and neither in Kafka nor deleted there. */
    private BitSet missing() {
        BitSet missing = (BitSet) acknowledged.clone();
        missing.andNot(records);
        missing.andNot(deadLetters);
        missing.andNot(deleted);
        return missing;
    }

    /** Whether everything is there that must come; with QoS 0 nothing must. */
    synchronized boolean isComplete() {
        return source.qos() == 0
                || source.kind().fate() == Fate.NOTHING
                || missing().isEmpty();
    }

    /** What is not as it must be, a sentence each. */
    synchronized List<String> problems() {
        Fate fate = source.kind().fate();
        List<String> problems = new ArrayList<>();
        if (!isComplete()) {
            problem(problems, "acknowledged, and not accounted for", missing());
        }
        if (fate != Fate.DEAD_LETTER && fate != Fate.RECORD_OR_DEAD_LETTER) {
            problem(problems, "dead letters, which they must not be", deadLetters);
        }
        if (fate == Fate.DEAD_LETTER || fate == Fate.NOTHING || fate == Fate.REFUSED) {
            problem(problems, "records, which they must not be", records);
        }
        if (fate == Fate.REFUSED && source.qos() > 0) {
            problem(problems, "acknowledged, though refused", acknowledged);
        }
        if (fate != Fate.REFUSED) {
            problem(problems, "refused, which they must not be", refused);
        }
        // At QoS 1 a device may publish a message again, which then is another one.
        if (repeated > 0 && source.exactlyOnce() && source.qos() != 1) {
            problems.add(this + ": " + repeated + " are in Kafka twice");
        }
        if (outOfOrder > 0) {
            problems.add(this + ": " + outOfOrder + " are out of order");
        }
        return problems;
    }

    private void problem(List<String> problems, String what, BitSet numbers) {
        if (!numbers.isEmpty()) {
            problems.add(this + ": " + numbers.cardinality() + " are " + what + ": "
                    + numbers.stream().limit(MOST_NAMED).boxed().toList());
        }
    }

    @Override
    public String toString() {
        return topic + " at " + source.broker() + ", QoS " + source.qos() + ", " + source.kind();
    }
}
