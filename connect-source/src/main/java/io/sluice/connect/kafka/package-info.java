/**
 * Questions that are put to Kafka besides those of Kafka Connect: {@link io.sluice.connect.kafka.AskedPartitions} asks
 * how many partitions topics have.
 */
@NullMarked
package io.sluice.connect.kafka;

import org.jspecify.annotations.NullMarked;
