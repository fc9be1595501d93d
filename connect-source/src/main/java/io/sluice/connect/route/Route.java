package io.sluice.connect.route;

import io.sluice.connect.format.HeaderSelection;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.ValueFormat;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.TopicFilter;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;

/**
 * One way from MQTT topics to a Kafka topic.
 *
 * @param name how error messages call it
 * @param filters the MQTT topics it takes
 * @param topic the Kafka topic it writes to
 * @param key template of the record key; an empty key is none
 * @param headers the headers it sets
 * @param format how the value is made
 * @param skipRetained whether publishes whose RETAIN flag is set are left out
 * @param skipWills whether last wills are left out
 * @param maxRecordBytes the largest record it makes, in bytes: key, value, and names and values of headers
 */
public record Route(
        String name,
        List<TopicFilter> filters,
        KafkaTopic topic,
        Template key,
        HeaderSelection headers,
        ValueFormat format,
        boolean skipRetained,
        boolean skipWills,
        int maxRecordBytes) {

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
        Message message = fields.message();
        String kafkaTopic = topic.of(fields);
        Optional<String> recordKey = Optional.of(key.render(fields)).filter(text -> !text.isEmpty());
        ConnectHeaders recordHeaders = headers.of(message);
        SchemaAndValue value = format.value(message);
        long bytes = recordKey.map(Route::bytes).orElse(0L) + message.payload().remaining() + bytes(recordHeaders);
        if (bytes > maxRecordBytes) {
            throw new UnmappableException(
                    "its record would have " + bytes + " bytes, more than record.max.bytes " + maxRecordBytes);
        }
        return new RoutedRecord(kafkaTopic, recordKey, value, recordHeaders);
    }

    private static long bytes(String text) {
        return Utils.utf8Length(text);
    }

    private static long bytes(ConnectHeaders headers) {
        long bytes = 0;
        for (Header header : headers) {
            bytes += bytes(header.key());
            bytes += header.value() instanceof byte[] binary ? binary.length : bytes((String) header.value());
        }
        return bytes;
    }
}
