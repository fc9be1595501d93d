/**
 * What is asked of Kafka besides what Kafka Connect does: {@link io.sluice.connect.kafka.AskedPartitions} asks how many
 * partitions topics have.
 */
@NullMarked
package io.sluice.connect.kafka;

import org.jspecify.annotations.NullMarked;
