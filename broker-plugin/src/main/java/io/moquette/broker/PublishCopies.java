package io.moquette.broker;

import io.moquette.broker.SessionRegistry.PublishedMessage;
import io.moquette.broker.subscriptions.Topic;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.session.StoredPublish;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * Copies a publish out of Netty's memory, once for all sessions of a loop that queue it one after the other. For one
 * thread at a time.
 */
@NullMarked
final class PublishCopies {

    private final ThreadLocal<Last> last = ThreadLocal.withInitial(Last::new);

    private static final class Last {
        private @Nullable Topic topic;
        private @Nullable StoredPublish copy;
    }

    @SuppressWarnings("ReferenceEquality") // an equal topic is another publish
    StoredPublish of(PublishedMessage message) {
        Last known = last.get();
        StoredPublish copy = known.copy;
        // Moquette makes one topic object for each publish. The payload object identifies none: Netty reuses it.
        if (copy == null || known.topic != message.topic) {
            copy = copy(message);
            known.topic = message.topic;
            known.copy = copy;
        }
        return copy;
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
