package io.sluice.broker.door.client;

import io.moquette.broker.security.IAuthorizatorPolicy;
import io.moquette.broker.subscriptions.Topic;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.access.AuditLog.Event;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import io.sluice.message.ConnectionTopics;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Checks whether Moquette would route a client's publish. It makes Moquette's checks before the message is captured, so
 * that a refused one never is. For one connection; not thread-safe.
 */
public final class PublishCheck {

    /** Moquette parses topics recursively; deeper ones could exhaust its stack. */
    private static final int MAX_LEVELS = 128;

    private static final int MAX_REMEMBERED = 256;
    private static final int MAX_REMEMBERED_CHARACTERS = 16 << 10;

    /** Topics in which brokers tell of themselves (section 4.7.2). */
    private static final String SYSTEM = "$SYS/";

    /** Topics in which bridges tell whether they are connected. */
    private static final String BRIDGE_STATE = "$SYS/broker/connection/";

    private final AccessControl access;
    private final Client client;
    private final Map<String, Reason> topics = new HashMap<>();
    private int rememberedCharacters;
    private int knownVersion;
    private int knownVersionOfPass;

    public PublishCheck(AccessControl access, Client client) {
        this.access = access;
        this.client = client;
    }

    /** {@link Reason#SUCCESS}, or why the publish is refused. */
    public Reason check(MqttPublishMessage publish) {
        MqttProperties properties = publish.variableHeader().properties();
        if (!properties.isEmpty()) {
            if (properties.getProperty(MqttPropertyType.TOPIC_ALIAS.value()) != null) {
                return Reason.TOPIC_ALIAS_INVALID;
            }
            if (properties.getProperty(MqttPropertyType.SUBSCRIPTION_IDENTIFIER.value()) != null) {
                // [MQTT-3.3.4-6]
                return Reason.PROTOCOL_ERROR;
            }
            if (!mayAnswerTo(Packets.text(properties, MqttPropertyType.RESPONSE_TOPIC))) {
                return Reason.PROTOCOL_ERROR;
            }
            boolean isText = Packets.number(properties, MqttPropertyType.PAYLOAD_FORMAT_INDICATOR)
                            .orElse(0)
                    == 1;
            if (isText && !ByteBufUtil.isText(publish.payload(), StandardCharsets.UTF_8)) {
                return Reason.PAYLOAD_FORMAT_INVALID;
            }
        }
        String topic = publish.variableHeader().topicName();
        forgetIfRightsHaveChanged();
        Reason known = topics.get(topic);
        if (known != null) {
            return known;
        }
        if (topics.size() == MAX_REMEMBERED || rememberedCharacters > MAX_REMEMBERED_CHARACTERS) {
            forget();
        }
        Reason reason = checkTopic(topic, access.rights(), client);
        topics.put(topic, reason);
        if (reason == Reason.NOT_AUTHORIZED) {
            access.audit().say(Event.DENY, client.who(), "action", "publish", "topic", topic);
        }
        rememberedCharacters += topic.length();
        return reason;
    }

    private void forgetIfRightsHaveChanged() {
        int version = access.rightsVersion();
        int versionOfGrant = client.grant().version();
        if (version != knownVersion || versionOfGrant != knownVersionOfPass) {
            knownVersion = version;
            knownVersionOfPass = versionOfGrant;
            forget();
        }
    }

    private void forget() {
        topics.clear();
        rememberedCharacters = 0;
    }

    /** {@link Reason#SUCCESS}, or why a client may not publish to a topic. */
    public static Reason checkTopic(String name, IAuthorizatorPolicy authorizator, Client client) {
        boolean isReserved =
                ConnectionTopics.ALL.matches(name) || (name.startsWith(SYSTEM) && !name.startsWith(BRIDGE_STATE));
        if (name.isEmpty()
                || isReserved
                || hasWildcard(name)
                || name.indexOf('\0') >= 0
                || name.chars().filter(c -> c == '/').count() >= MAX_LEVELS) {
            return Reason.TOPIC_NAME_INVALID;
        }
        return authorizator.canWrite(new Topic(name), client.username().orElse(null), client.id())
                        && client.grant().mayPublish(name)
                ? Reason.SUCCESS
                : Reason.NOT_AUTHORIZED;
    }

    /** Whether a response topic is one, if there is any: clients that are sent another one disconnect ([MQTT-3.3.2-14]). */
    static boolean mayAnswerTo(Optional<String> responseTopic) {
        return responseTopic
                .filter(topic -> topic.isEmpty() || hasWildcard(topic))
                .isEmpty();
    }

    private static boolean hasWildcard(String name) {
        return name.indexOf('+') >= 0 || name.indexOf('#') >= 0;
    }
}
