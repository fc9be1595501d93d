package io.sluice.connect.format;

import io.sluice.connect.format.sparkplug.MetricNames.Named;
import io.sluice.message.SparkplugTopic;
import java.util.Optional;

/** Knows what the metrics of a message stand for that it refers to by aliases. */
@FunctionalInterface
public interface AliasNames {

    AliasNames NONE = (topic, alias) -> Optional.empty();

    /**
     * What an alias in a message stands for.
     *
     * @param topic of the message
     * @return empty if no birth is known that says it
     * @throws io.sluice.buffer.record.BufferException if it cannot be found out now
     */
    Optional<Named> of(SparkplugTopic topic, long alias);

    /**
     * A metric in a message has no name, as no birth is known that says what its alias stands for.
     *
     * @param topic of the message
     */
    default void missing(SparkplugTopic topic) {}
}
