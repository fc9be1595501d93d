/**
 * Kafka as the tools see it: {@link io.sluice.tools.kafka.KafkaView} looks at its topics, rights and transactions, {@link
 * io.sluice.tools.kafka.TopicTail} reads what is in a topic, and {@link io.sluice.tools.kafka.KafkaPreset} has the settings
 * with which a connector logs in to one.
 */
@NullMarked
package io.sluice.tools.kafka;

import org.jspecify.annotations.NullMarked;
