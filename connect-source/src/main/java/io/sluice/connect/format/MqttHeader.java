package io.sluice.connect.format;

import io.sluice.message.Message;
import io.sluice.message.UserProperty;
import java.util.Arrays;
import java.util.Optional;

/**
 * A header that tells something of the MQTT message. Values are text; correlation data are bytes. What a message does not
 * have is not set.
 */
public enum MqttHeader {
    TOPIC("mqtt.topic", (key, message, id, to) -> to.text(key, message.topic())),
    /** Packet identifier; QoS 0 has none. */
    MESSAGE_ID("mqtt.message.id", (key, message, id, to) -> {
        if (message.packetId() != 0) {
            to.text(key, Integer.toString(message.packetId()));
        }
    }),
    QOS(
            "mqtt.qos",
            (key, message, id, to) ->
                    to.text(key, Integer.toString(message.qos().level()))),
    RETAINED("mqtt.retained", (key, message, id, to) -> to.text(key, Boolean.toString(message.retained()))),
    /** DUP flag: true or false. */
    DUPLICATE("mqtt.duplicate", (key, message, id, to) -> to.text(key, Boolean.toString(message.duplicate()))),
    CLIENT_ID("mqtt.client.id", (key, message, id, to) -> to.text(key, message.clientId())),
    USERNAME(
            "mqtt.username",
            (key, message, id, to) -> message.username().ifPresent(username -> to.text(key, username))),
    /** When the broker received the message, milliseconds since the epoch. */
    TIMESTAMP("mqtt.timestamp", (key, message, id, to) -> to.text(key, Long.toString(message.receivedAtMs()))),
    CONTENT_TYPE(
            "mqtt.content.type",
            (key, message, id, to) -> message.properties().contentType().ifPresent(type -> to.text(key, type))),
    /** MQTT 5 payload format indicator: 1 if the publisher declared the payload to be UTF-8 text. */
    PAYLOAD_FORMAT("mqtt.payload.format", (key, message, id, to) -> {
        if (message.properties().payloadIsUtf8()) {
            to.text(key, "1");
        }
    }),
    RESPONSE_TOPIC(
            "mqtt.response.topic",
            (key, message, id, to) -> message.properties().responseTopic().ifPresent(topic -> to.text(key, topic))),
    /** MQTT 5 correlation data, as bytes. */
    CORRELATION_DATA(
            "mqtt.correlation.data",
            (key, message, id, to) ->
                    message.properties().correlationData().ifPresent(data -> to.bytes(key, Payload.bytes(data)))),
    /** MQTT 5 message expiry interval, in seconds. */
    MESSAGE_EXPIRY(
            "mqtt.message.expiry",
            (key, message, id, to) -> message.properties()
                    .messageExpirySeconds()
                    .ifPresent(seconds -> to.text(key, Long.toString(seconds)))),
    /** Which element of the payload the record was made of, counted from 0, if {@code value.split} made it. */
    ELEMENT(
            "mqtt.element",
            (key, message, id, to) -> id.element().ifPresent(element -> to.text(key, Integer.toString(element)))),
    /** MQTT 5 user properties, each as a separate header, in the publisher's order. */
    USER_PROPERTIES("mqtt.property.*", (key, message, id, to) -> {
        for (UserProperty property : message.properties().userProperties()) {
            to.text("mqtt.property." + property.name(), property.value());
        }
    });

    private interface Content {
        void add(String key, Message message, MessageId id, HeaderWriter to);
    }

    private final String key;

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final Content content;

    MqttHeader(String key, Content content) {
        this.key = key;
        this.content = content;
    }

    public String key() {
        return key;
    }

    public static Optional<MqttHeader> ofKey(String key) {
        return Arrays.stream(values()).filter(header -> header.key.equals(key)).findFirst();
    }

    void add(Message message, MessageId id, HeaderWriter to) {
        content.add(key, message, id, to);
    }
}
