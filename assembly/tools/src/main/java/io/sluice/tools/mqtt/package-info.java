/**
 * MQTT as the tools speak it: one interface over the versions 3.1.1 and 5, with failures in sentences.
 *
 * <p>{@link io.sluice.tools.mqtt.MqttConnection} is the entry.
 */
@NullMarked
package io.sluice.tools.mqtt;

import org.jspecify.annotations.NullMarked;
