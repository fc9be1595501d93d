package io.sluice.connect.route;

import java.util.Optional;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;

/**
 * A record that a message became, before it knows its place among the source offsets.
 *
 * @param topic Kafka topic
 * @param key record key, if it has one
 * @param value record value
 * @param headers record headers
 */
public record RoutedRecord(String topic, Optional<String> key, SchemaAndValue value, ConnectHeaders headers) {}
