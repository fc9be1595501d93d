/**
 * What operators see of a task: metrics, by Kafka Connect's own registry or over JMX, and events, in the log and over JMX.
 *
 * <p>{@link io.sluice.connect.telemetry.TaskTelemetry} is the entry. Nothing is counted here: metrics ask for the counts that
 * the other packages keep, when somebody looks.
 */
@NullMarked
package io.sluice.connect.telemetry;

import org.jspecify.annotations.NullMarked;
