/**
 * A real Kafka and a real Connect worker on this machine, each a separate process.
 *
 * <p>{@link io.sluice.testkit.KafkaServer} and {@link io.sluice.testkit.ConnectWorker} are the
 * entries. Both run the programs that Kafka's own scripts run, from Kafka's own jars, on free ports of the loopback
 * address and in a folder of the caller's. Both can be killed as a power cut would and started again on the same ports
 * and folders, and neither outlives the process that started it.
 */
@NullMarked
package io.sluice.testkit;

import org.jspecify.annotations.NullMarked;
