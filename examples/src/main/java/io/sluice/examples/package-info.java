/**
 * Sluice at work on one machine, from device to Kafka.
 *
 * <p>{@link io.sluice.examples.Quickstart} is the entry. It starts what {@link io.sluice.testkit} offers in a
 * separate folder, lets simulated devices publish, and shows, or counts, what arrives in Kafka.
 */
@NullMarked
package io.sluice.examples;

import org.jspecify.annotations.NullMarked;
