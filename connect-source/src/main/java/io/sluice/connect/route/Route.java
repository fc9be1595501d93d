package io.sluice.connect.route;

import io.sluice.connect.format.HeaderWriter;
import io.sluice.connect.format.UnmappableException;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.TopicFilter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.connect.data.SchemaAndValue;

/**
 * One way from MQTT topics to a Kafka topic.
 *
 * @param name how error messages call it
 * @param filters the MQTT topics it takes
 * @param topic the Kafka topic it writes to
 * @param key the keys of its records
 * @param time the timestamps of its records
 * @param headers the headers it sets
 * @param value how the value is made
 * @param skipRetained whether publishes whose RETAIN flag is set are left out
 * @param skipWills whether last wills are left out
 * @param limit the largest record it makes
 */
public record Route(
        String name,
        List<TopicFilter> filters,
        KafkaTopic topic,
        RecordKey key,
        RecordTime time,
        RecordHeaders headers,
        RecordValue value,
        boolean skipRetained,
        boolean skipWills,
        RecordLimit limit) {

    public Route {
        filters = List.copyOf(filters);
    }

    /** Whether a message of a topic that the filters take is left out all the same. */
    public boolean skips(Message message) {
        return (skipRetained && message.retained()) || (skipWills && message.kind() == MessageKind.WILL);
    }

    /**
     * The record a message becomes.
     *
     * @throws UnmappableException if it cannot become one
     */
    public RoutedRecord map(MessageFields fields) throws UnmappableException {
        String kafkaTopic = topic.of(fields);
        Optional<String> recordKey = key.of(fields);
        OptionalLong timestampMs = time.of(fields);
        HeaderWriter recordHeaders = headers.of(fields);
        SchemaAndValue recordValue = value.of(fields, recordKey, recordHeaders);
        long bytes = limit.bytes(recordKey, recordValue) + recordHeaders.bytes();
        if (bytes > limit.maxBytes()) {
            throw new UnmappableException(
                    "its record would have " + bytes + " bytes, more than record.max.bytes " + limit.maxBytes());
        }
        return new RoutedRecord(kafkaTopic, recordKey, recordValue, recordHeaders.headers(), timestampMs);
    }
}
