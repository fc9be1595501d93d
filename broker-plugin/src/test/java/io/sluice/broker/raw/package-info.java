/** MQTT over TCP and WebSocket as bytes: what a test wants to be sent is sent, whether it is right or wrong. */
@NullMarked
package io.sluice.broker.raw;

import org.jspecify.annotations.NullMarked;
