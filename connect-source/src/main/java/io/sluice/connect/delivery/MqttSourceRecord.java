package io.sluice.connect.delivery;

import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.RoutedRecord;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record handed to Kafka Connect, which knows how to find its way back.
 *
 * <p>It notices when Kafka Connect begins to work on it. Kafka Connect does not tell a task that fails which record it
 * failed at; of those it has not looked at, none can be the one.
 *
 * <p>Equal to itself only: Kafka Connect keeps what a transaction holds in a map by record, in which two messages of the
 * same content would become one.
 */
final class MqttSourceRecord extends SourceRecord {

    private final Origin origin;
    private final Delivery delivery;

    MqttSourceRecord(
            Origin origin,
            Map<String, Object> partition,
            Map<String, ?> offset,
            RoutedRecord record,
            Delivery delivery) {
        super(
                partition,
                offset,
                record.topic(),
                record.partition().isPresent() ? record.partition().getAsInt() : null,
                record.key().map(SchemaAndValue::schema).orElse(null),
                record.key().map(SchemaAndValue::value).orElse(null),
                record.value().schema(),
                record.value().value(),
                record.timestampMs().isPresent() ? record.timestampMs().getAsLong() : null,
                record.headers());
        this.origin = origin;
        this.delivery = delivery;
    }

    /**
     * Where a record comes from.
     *
     * @param element which element of the message's payload; absent: the payload as a whole
     * @param deadLetter whether it stands for a record that could not be made, or was refused
     */
    record Origin(Drain drain, StoredMessage message, Route route, OptionalInt element, boolean deadLetter) {}

    Origin origin() {
        return origin;
    }

    Delivery delivery() {
        return delivery;
    }

    private void take() {
        if (!delivery.isTaken()) {
            delivery.take(super.topic());
            origin.drain().taken(delivery, super.topic());
        }
    }

    @Override
    public String topic() {
        take();
        return super.topic();
    }

    @Override
    public @Nullable Object key() {
        take();
        return super.key();
    }

    @Override
    public Object value() {
        take();
        return super.value();
    }

    @Override
    public Headers headers() {
        take();
        return super.headers();
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
