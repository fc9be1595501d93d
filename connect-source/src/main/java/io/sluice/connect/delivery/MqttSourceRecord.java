package io.sluice.connect.delivery;

import io.sluice.connect.route.RoutedRecord;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * A record handed to Kafka Connect, which knows how to find its way back.
 *
 * <p>Equal to itself only: Kafka Connect keeps what a transaction holds in a map by record, in which two messages of the
 * same content would become one.
 */
final class MqttSourceRecord extends SourceRecord {

    private final Drain origin;
    private final Delivery delivery;

    MqttSourceRecord(
            Drain origin,
            Map<String, Object> partition,
            Map<String, Object> offset,
            RoutedRecord record,
            long timestampMs,
            Delivery delivery) {
        super(
                partition,
                offset,
                record.topic(),
                null,
                record.key().isPresent() ? Schema.STRING_SCHEMA : null,
                record.key().orElse(null),
                record.value().schema(),
                record.value().value(),
                timestampMs,
                record.headers());
        this.origin = origin;
        this.delivery = delivery;
    }

    /** What handed it over. */
    Drain origin() {
        return origin;
    }

    Delivery delivery() {
        return delivery;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
