/**
 * The Kafka Connect source connector: what a worker loads, and the task that moves messages from a shared buffer to
 * Kafka.
 *
 * <p>{@link io.sluice.connect.MqttSourceConnector} is the entry. It checks what its user configured; its task joins a
 * broker, attaches to that broker's buffer and lets {@link io.sluice.connect.delivery.Drains} do the rest. Keys and
 * defaults are in {@code config}, the way from a message to a record in {@code route} and {@code format}, positions and
 * acknowledgements in {@code delivery}.
 */
@NullMarked
package io.sluice.connect;

import org.jspecify.annotations.NullMarked;
