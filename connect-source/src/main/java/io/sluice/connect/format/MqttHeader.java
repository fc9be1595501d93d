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
    /** Topic name. */
    TOPIC("mqtt.topic") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            to.text(key(), message.topic());
        }
    },
    /** Packet identifier; QoS 0 has none. */
    MESSAGE_ID("mqtt.message.id") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            if (message.packetId() != 0) {
                to.text(key(), Integer.toString(message.packetId()));
            }
        }
    },
    /** Quality of service: 0, 1 or 2. */
    QOS("mqtt.qos") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            to.text(key(), Integer.toString(message.qos().level()));
        }
    },
    /** RETAIN flag: true or false. */
    RETAINED("mqtt.retained") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            to.text(key(), Boolean.toString(message.retained()));
        }
    },
    /** DUP flag: true or false. */
    DUPLICATE("mqtt.duplicate") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            to.text(key(), Boolean.toString(message.duplicate()));
        }
    },
    /** Client identifier of the publisher. */
    CLIENT_ID("mqtt.client.id") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            to.text(key(), message.clientId());
        }
    },
    /** User name of the publisher. */
    USERNAME("mqtt.username") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            message.username().ifPresent(username -> to.text(key(), username));
        }
    },
    /** When the broker received the message, milliseconds since the epoch. */
    TIMESTAMP("mqtt.timestamp") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            to.text(key(), Long.toString(message.receivedAtMs()));
        }
    },
    /** MQTT 5 content type. */
    CONTENT_TYPE("mqtt.content.type") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            message.properties().contentType().ifPresent(type -> to.text(key(), type));
        }
    },
    /** MQTT 5 payload format indicator: 1 if the publisher declared the payload to be UTF-8 text. */
    PAYLOAD_FORMAT("mqtt.payload.format") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            if (message.properties().payloadIsUtf8()) {
                to.text(key(), "1");
            }
        }
    },
    /** MQTT 5 response topic. */
    RESPONSE_TOPIC("mqtt.response.topic") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            message.properties().responseTopic().ifPresent(topic -> to.text(key(), topic));
        }
    },
    /** MQTT 5 correlation data, as bytes. */
    CORRELATION_DATA("mqtt.correlation.data") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            message.properties().correlationData().ifPresent(data -> to.bytes(key(), Payload.bytes(data)));
        }
    },
    /** MQTT 5 message expiry interval, in seconds. */
    MESSAGE_EXPIRY("mqtt.message.expiry") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            message.properties().messageExpirySeconds().ifPresent(seconds -> to.text(key(), Long.toString(seconds)));
        }
    },
    /** Which element of the payload the record was made of, counted from 0, if {@code value.split} made it. */
    ELEMENT("mqtt.element") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            id.element().ifPresent(element -> to.text(key(), Integer.toString(element)));
        }
    },
    /** MQTT 5 user properties, each as a separate header, in the publisher's order. */
    USER_PROPERTIES("mqtt.property.*") {
        @Override
        void add(Message message, MessageId id, HeaderWriter to) {
            for (UserProperty property : message.properties().userProperties()) {
                to.text("mqtt.property." + property.name(), property.value());
            }
        }
    };

    private final String key;

    MqttHeader(String key) {
        this.key = key;
    }

    /** The name of the header, as records and configurations have it. */
    public String key() {
        return key;
    }

    /** The header of a name, if there is one. */
    public static Optional<MqttHeader> ofKey(String key) {
        return Arrays.stream(values()).filter(header -> header.key.equals(key)).findFirst();
    }

    abstract void add(Message message, MessageId id, HeaderWriter to);
}
