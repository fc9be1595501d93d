/**
 * MQTT packets: what is in them, and how much of the memory they hold.
 *
 * <p>{@link io.sluice.broker.packet.Packets} is the entry: it turns network packets into messages.
 */
@NullMarked
package io.sluice.broker.packet;

import org.jspecify.annotations.NullMarked;
