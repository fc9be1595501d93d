package io.sluice.broker.door;

import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.sluice.broker.packet.OutgoingPublish;
import io.sluice.broker.packet.Packets;
import java.util.HashMap;
import java.util.Map;

/**
 * Sends short numbers in place of the first topics that one client receives, if it accepts topic aliases (MQTT 5
 * section 3.3.2.3.4). Not thread-safe: belongs to the connection's event loop, which writes in the order in which this
 * is asked.
 */
final class TopicAliases {

    private static final int MOST = 16;

    /** What an alias adds to a packet at most: the property, and a longer length of the properties and of the packet. */
    private static final int ALIAS_BYTES = 5;

    private final int most;
    private final long maxPacketBytes;
    private final Map<String, Integer> numbers = new HashMap<>();

    /**
     * Those of one client.
     *
     * @param maximum its Topic Alias Maximum (section 3.1.2.11.5); 0 if it takes none
     * @param maxPacketBytes the largest packet that it takes
     */
    TopicAliases(int maximum, long maxPacketBytes) {
        this.most = Math.min(maximum, MOST);
        this.maxPacketBytes = maxPacketBytes;
    }

    static TopicAliases of(MqttConnectMessage connect) {
        MqttProperties properties = connect.variableHeader().properties();
        return new TopicAliases(
                (int) Packets.number(properties, MqttPropertyType.TOPIC_ALIAS_MAXIMUM)
                        .orElse(0),
                Packets.maxPacketBytes(properties));
    }

    /** The PUBLISH as it goes to the client. Shares the payload, and does not retain it. */
    MqttPublishMessage aliased(MqttPublishMessage publish) {
        if (most == 0 || !hasRoom(publish)) {
            return publish;
        }
        String topic = publish.variableHeader().topicName();
        Integer known = numbers.get(topic);
        if (known == null && numbers.size() == most) {
            return publish;
        }
        int number = known == null ? numbers.size() + 1 : known;
        numbers.putIfAbsent(topic, number);
        MqttProperties properties = new MqttProperties();
        publish.variableHeader().properties().listAll().forEach(properties::add);
        properties.add(new IntegerProperty(MqttPropertyType.TOPIC_ALIAS.value(), number));
        return new MqttPublishMessage(
                publish.fixedHeader(),
                new MqttPublishVariableHeader(
                        known == null ? topic : "", publish.variableHeader().packetId(), properties),
                publish.payload());
    }

    /** A packet that is only just small enough must stay so ([MQTT-3.1.2-24]). */
    private boolean hasRoom(MqttPublishMessage publish) {
        return maxPacketBytes == Long.MAX_VALUE || OutgoingPublish.bytes(publish) + ALIAS_BYTES <= maxPacketBytes;
    }
}
