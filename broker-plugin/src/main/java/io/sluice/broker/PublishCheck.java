package io.sluice.broker;

import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Whether a client's publish is one that Moquette would route: its own checks, made before the message is captured,
 * so that what is refused is never captured. For one connection; not thread-safe.
 */
final class PublishCheck {

    /** Moquette parses topics recursively; deeper ones could exhaust its stack. */
    private static final int MAX_LEVELS = 128;

    private static final int MAX_REMEMBERED = 256;

    private final IAuthorizatorPolicy authorizator;
    private final Client client;
    private final Map<String, Reason> topics = new HashMap<>();

    PublishCheck(IAuthorizatorPolicy authorizator, Client client) {
        this.authorizator = authorizator;
        this.client = client;
    }

    /** {@link Reason#SUCCESS}, or why the publish is refused. */
    Reason check(MqttPublishMessage publish) {
        MqttProperties properties = publish.variableHeader().properties();
        if (!properties.isEmpty()) {
            if (properties.getProperty(MqttPropertyType.TOPIC_ALIAS.value()) != null) {
                return Reason.TOPIC_ALIAS_INVALID;
            }
            if (declaresText(properties) && !ByteBufUtil.isText(publish.payload(), StandardCharsets.UTF_8)) {
                return Reason.PAYLOAD_FORMAT_INVALID;
            }
        }
        String topic = publish.variableHeader().topicName();
        Reason known = topics.get(topic);
        if (known != null) {
            return known;
        }
        if (topics.size() == MAX_REMEMBERED) {
            topics.clear();
        }
        Reason reason = checkTopic(topic, authorizator, client);
        topics.put(topic, reason);
        return reason;
    }

    private static boolean declaresText(MqttProperties properties) {
        return properties.getProperty(MqttPropertyType.PAYLOAD_FORMAT_INDICATOR.value())
                        instanceof IntegerProperty format
                && format.value() == 1;
    }

    /** {@link Reason#SUCCESS}, or why a client may not publish to a topic. */
    static Reason checkTopic(String name, IAuthorizatorPolicy authorizator, Client client) {
        if (name.isEmpty()
                || name.startsWith("$")
                || name.chars().anyMatch(c -> c == '+' || c == '#' || c == 0)
                || name.chars().filter(c -> c == '/').count() >= MAX_LEVELS) {
            return Reason.TOPIC_NAME_INVALID;
        }
        Topic topic = new Topic(name);
        if (!topic.isValid()) {
            return Reason.TOPIC_NAME_INVALID;
        }
        return authorizator.canWrite(topic, client.username().orElse(null), client.id())
                ? Reason.SUCCESS
                : Reason.NOT_AUTHORIZED;
    }
}
