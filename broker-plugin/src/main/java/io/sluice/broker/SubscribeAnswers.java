package io.sluice.broker;

import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells MQTT 5 clients why they may not subscribe (section 3.9.3): Moquette says no more than that it failed. For one
 * connection; not thread-safe.
 */
final class SubscribeAnswers {

    private static final int UNSPECIFIED_ERROR = 0x80;

    private final Map<Integer, List<String>> asked = new HashMap<>();

    /** A subscription is about to be shown to Moquette. */
    void asked(MqttSubscribeMessage subscribe) {
        asked.put(
                Packets.packetId(subscribe),
                subscribe.payload().topicSubscriptions().stream()
                        .map(MqttTopicSubscription::topicFilter)
                        .toList());
    }

    /** What Moquette answers, with reasons. */
    MqttSubAckMessage explained(MqttSubAckMessage suback) {
        List<String> filters = asked.remove(Packets.packetId(suback));
        List<Integer> codes = suback.payload().reasonCodes();
        if (filters == null || filters.size() != codes.size() || !codes.contains(UNSPECIFIED_ERROR)) {
            return suback;
        }
        List<Integer> explained = new ArrayList<>();
        for (int i = 0; i < codes.size(); i++) {
            explained.add(
                    codes.get(i) == UNSPECIFIED_ERROR
                            ? Byte.toUnsignedInt(reason(filters.get(i)).code())
                            : codes.get(i));
        }
        return new MqttSubAckMessage(
                suback.fixedHeader(), suback.idAndPropertiesVariableHeader(), new MqttSubAckPayload(explained));
    }

    private static Reason reason(String filter) {
        return new Topic(filter).isValid() ? Reason.NOT_AUTHORIZED : Reason.TOPIC_FILTER_INVALID;
    }
}
