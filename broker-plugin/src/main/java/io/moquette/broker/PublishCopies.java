package io.moquette.broker;

import io.moquette.broker.SessionRegistry.PublishedMessage;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.sluice.broker.memory.StoredPublish;
import io.sluice.broker.packet.Packets;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.NullMarked;

/** Copies what is published out of the network's memory, for each session that queues it. Thread-safe. */
@NullMarked
final class PublishCopies {

    /** The message as one that can be kept. No copy is shared: Netty uses the objects of payloads again. */
    StoredPublish of(PublishedMessage message) {
        return copy(message);
    }

    private static StoredPublish copy(PublishedMessage message) {
        return new StoredPublish(
                message.topic.toString(),
                Qos.ofLevel(message.publishingQos.value()),
                message.retained,
                message.messageExpiry.equals(Instant.MAX)
                        ? OptionalLong.empty()
                        : OptionalLong.of(message.messageExpiry.toEpochMilli()),
                properties(message.mqttProperties),
                ByteBuffer.wrap(ByteBufUtil.getBytes(message.payload)));
    }

    private static PublishProperties properties(MqttProperty<?>[] all) {
        if (all.length == 0) {
            return PublishProperties.NONE;
        }
        MqttProperties properties = new MqttProperties();
        for (MqttProperty<?> property : all) {
            properties.add(property);
        }
        return Packets.properties(properties);
    }
}
