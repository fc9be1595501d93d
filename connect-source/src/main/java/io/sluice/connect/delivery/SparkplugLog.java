package io.sluice.connect.delivery;

import io.sluice.connect.telemetry.TaskEvents;
import io.sluice.message.SparkplugTopic;
import java.util.concurrent.atomic.LongAdder;

/** Counts and tells what messages of Sparkplug B lack. Counts can be read by any thread. */
final class SparkplugLog {

    private final TaskEvents events;
    private final LongAdder unknownAliases = new LongAdder();
    private final LongAdder sequenceGaps = new LongAdder();

    SparkplugLog(TaskEvents events) {
        this.events = events;
    }

    void unknownAlias() {
        unknownAliases.increment();
    }

    /** An edge node must be born again so that its metrics have names. */
    void rebirthNeeded(SparkplugTopic topic, long position) {
        events.rebirthNeeded(name(topic), position, SparkplugTopic.NAMESPACE + topic.group() + "/NCMD/" + topic.node());
    }

    void gap(SparkplugTopic topic, long position, long expected, long found) {
        sequenceGaps.increment();
        events.sequenceGap(name(topic), position, expected, found);
    }

    private static String name(SparkplugTopic topic) {
        return topic.group() + "/" + topic.node();
    }

    long unknownAliasCount() {
        return unknownAliases.sum();
    }

    long sequenceGapCount() {
        return sequenceGaps.sum();
    }
}
