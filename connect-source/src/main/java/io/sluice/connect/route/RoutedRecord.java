package io.sluice.connect.route;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;

/**
 * A record that a message became, before it knows its place among the source offsets.
 *
 * @param partition its partition; absent: Kafka's partitioner chooses
 * @param timestampMs record timestamp, milliseconds since the epoch; absent: the producer's, when it is sent
 * @param bytes that key, value and headers take in memory, about; a schema is one for all records, and does not count
 */
public record RoutedRecord(
        String topic,
        OptionalInt partition,
        Optional<SchemaAndValue> key,
        SchemaAndValue value,
        ConnectHeaders headers,
        OptionalLong timestampMs,
        long bytes) {}
