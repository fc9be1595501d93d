package io.sluice.broker.door.publish;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.session.SessionStore;
import io.sluice.broker.session.StoredPublish;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * Retains what publishers ask to be retained, of any QoS ([MQTT-3.3.1-5]). Thread-safe.
 *
 * @param fanout whether anybody may subscribe; if not, nothing is retained
 */
record Retained(SessionStore store, boolean fanout) {

    boolean hasRoomFor(MqttPublishMessage publish) {
        return !fanout
                || store.mayRetain(
                        publish.variableHeader().topicName(), publish.payload().readableBytes());
    }

    /**
     * Retains a publish if it asks for that and there is space, or clears its topic; returns whether the store is to be asked
     * before it is answered.
     */
    boolean keep(MqttPublishMessage publish) {
        boolean asks = fanout && publish.fixedHeader().isRetain();
        if (asks) {
            store.retain(stored(publish));
        }
        return asks;
    }

    private StoredPublish stored(MqttPublishMessage publish) {
        PublishProperties properties =
                Packets.properties(publish.variableHeader().properties());
        OptionalLong expiresAt = properties.messageExpirySeconds().isPresent()
                ? OptionalLong.of(System.currentTimeMillis()
                        + 1_000 * properties.messageExpirySeconds().getAsLong())
                : OptionalLong.empty();
        return new StoredPublish(
                publish.variableHeader().topicName(),
                Qos.ofLevel(publish.fixedHeader().qosLevel().value()),
                true,
                expiresAt,
                properties,
                ByteBuffer.wrap(ByteBufUtil.getBytes(publish.payload())));
    }
}
