package io.sluice.connect.route;

import io.sluice.connect.format.Decompression;
import io.sluice.connect.format.HeaderWriter;
import io.sluice.connect.format.HeapSize;
import io.sluice.connect.format.UnmappableException;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.TopicFilter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.connect.data.SchemaAndValue;

/**
 * One way from MQTT topics to a Kafka topic.
 *
 * @param name how error messages call it
 * @param filters the MQTT topics it takes
 * @param filter which of their messages it takes; absent: all
 * @param partition the partitions of its records; absent: Kafka's partitioner chooses
 * @param skipRetained whether publishes whose RETAIN flag is set are left out
 * @param skipWills whether last wills are left out
 * @param decompression how payloads that it takes are compressed
 * @param split how one message becomes several; absent: it does not
 * @param limit the largest record it makes
 */
public record Route(
        String name,
        List<TopicFilter> filters,
        Optional<MessageFilter> filter,
        KafkaTopic topic,
        Optional<KafkaPartition> partition,
        RecordKey key,
        RecordTime time,
        RecordHeaders headers,
        RecordValue value,
        boolean skipRetained,
        boolean skipWills,
        Decompression decompression,
        Optional<PayloadSplit> split,
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
        OptionalInt kafkaPartition =
                partition.isPresent() ? OptionalInt.of(partition.get().of(fields, kafkaTopic)) : OptionalInt.empty();
        Optional<SchemaAndValue> recordKey = key.of(fields);
        OptionalLong timestampMs = time.of(fields);
        HeaderWriter recordHeaders = headers.of(fields);
        SchemaAndValue recordValue = value.of(fields, recordKey, recordHeaders);
        long bytes = limit.bytes(recordKey, recordValue) + recordHeaders.bytes();
        if (bytes > limit.maxBytes()) {
            throw new UnmappableException(
                    "its record would have " + bytes + " bytes, more than record.max.bytes " + limit.maxBytes());
        }
        long inMemory = recordKey.map(of -> HeapSize.of(of.value())).orElse(0L)
                + HeapSize.of(recordValue.value())
                + recordHeaders.bytes();
        return new RoutedRecord(
                kafkaTopic, kafkaPartition, recordKey, recordValue, recordHeaders.headers(), timestampMs, inMemory);
    }

    /**
     * Learns what has to be known before records are made of a message: how many partitions their topics have.
     *
     * @param received as it was received
     * @throws NotNowException if Kafka does not answer; nothing has been done yet
     */
    public void prepare(MessageFields received) throws NotNowException {
        if (partition.isEmpty()) {
            return;
        }
        List<MessageFields> all;
        try {
            MessageFields read = read(received);
            all = split(read).orElse(List.of(read));
        } catch (UnmappableException | RuntimeException | StackOverflowError e) {
            return; // and is told when a record is to be made of it
        }
        for (MessageFields each : all) {
            prepareOne(partition.get(), each);
        }
    }

    private void prepareOne(KafkaPartition chosen, MessageFields read) throws NotNowException {
        try {
            if (wants(read)) {
                chosen.prepare(read, topic.of(read));
            }
        } catch (UnmappableException | RuntimeException | StackOverflowError e) {
            return; // the same
        }
    }

    /**
     * A message as this route reads it: with the payload that its device had compressed.
     *
     * @throws UnmappableException if it is not compressed as the route says
     */
    public MessageFields read(MessageFields received) throws UnmappableException {
        return decompression == Decompression.NONE || received.isElement()
                ? received
                : received.with(decompression.of(received.message().payload(), limit.maxBytes()));
    }

    /**
     * What a message, as this route reads it, is split into; absent if the route does not split.
     *
     * @throws UnmappableException if it cannot be split
     */
    public Optional<List<MessageFields>> split(MessageFields read) throws UnmappableException {
        return split.isPresent() ? Optional.of(split.get().of(read)) : Optional.empty();
    }

    /**
     * Whether a message, as this route reads it, passes the filter.
     *
     * @throws UnmappableException if the filter needs something that the message lacks
     */
    public boolean wants(MessageFields read) throws UnmappableException {
        return filter.isEmpty() || filter.get().matches(read);
    }
}
