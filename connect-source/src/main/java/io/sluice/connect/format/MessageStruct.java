package io.sluice.connect.format;

import io.sluice.message.Message;
import io.sluice.message.PublishProperties;
import io.sluice.message.UserProperty;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;

/**
 * All that is known of a message, with a schema: for converters that write schemas, for schema registries, and for
 * transformations that look into records. A field that is added later is optional and raises the schema's version; none
 * is ever removed or changed.
 */
final class MessageStruct implements ValueMaker {

    static final Schema USER_PROPERTY = SchemaBuilder.struct()
            .name("io.sluice.mqtt.UserProperty")
            .version(1)
            .field("name", Schema.STRING_SCHEMA)
            .field("value", Schema.STRING_SCHEMA)
            .build();

    static final Schema MESSAGE = SchemaBuilder.struct()
            .name("io.sluice.mqtt.Message")
            .version(1)
            .doc("An MQTT message and what the broker knows of it.")
            .field("kind", described(SchemaBuilder.string(), "publish, or will for a last will."))
            .field("topic", described(SchemaBuilder.string(), "Topic name."))
            .field("payload", described(SchemaBuilder.bytes(), "Application message."))
            .field("qos", described(SchemaBuilder.int32(), "Quality of service: 0, 1 or 2."))
            .field("retained", described(SchemaBuilder.bool(), "RETAIN flag."))
            .field("duplicate", described(SchemaBuilder.bool(), "DUP flag."))
            .field("message_id", described(SchemaBuilder.int32().optional(), "Packet identifier; QoS 0 has none."))
            .field("client_id", described(SchemaBuilder.string(), "Client identifier of the publisher."))
            .field("username", described(SchemaBuilder.string().optional(), "User name of the publisher."))
            .field("timestamp", described(Timestamp.builder(), "When the broker received the message."))
            .field(
                    "payload_is_utf8",
                    described(SchemaBuilder.bool(), "Whether the publisher declared the payload to be UTF-8 text."))
            .field("content_type", described(SchemaBuilder.string().optional(), "MQTT 5 content type."))
            .field("response_topic", described(SchemaBuilder.string().optional(), "MQTT 5 response topic."))
            .field("correlation_data", described(SchemaBuilder.bytes().optional(), "MQTT 5 correlation data."))
            .field(
                    "message_expiry",
                    described(SchemaBuilder.int64().optional(), "MQTT 5 message expiry interval, in seconds."))
            .field(
                    "user_properties",
                    described(
                            SchemaBuilder.array(USER_PROPERTY),
                            "MQTT 5 user properties, in the publisher's order; names may repeat."))
            .build();

    private static Schema described(SchemaBuilder schema, String documentation) {
        return schema.doc(documentation).build();
    }

    @Override
    public SchemaAndValue value(ValueSource source, HeaderWriter headers) {
        Message message = source.message();
        Struct struct = new Struct(MESSAGE)
                .put("kind", message.kind().name().toLowerCase(Locale.ROOT))
                .put("topic", message.topic())
                .put("payload", Payload.bytes(message.payload()))
                .put("qos", message.qos().level())
                .put("retained", message.retained())
                .put("duplicate", message.duplicate())
                .put("client_id", message.clientId())
                .put("timestamp", Date.from(Instant.ofEpochMilli(message.receivedAtMs())));
        if (message.packetId() != 0) {
            struct.put("message_id", message.packetId());
        }
        message.username().ifPresent(username -> struct.put("username", username));
        putProperties(message.properties(), struct);
        return new SchemaAndValue(MESSAGE, struct);
    }

    private static void putProperties(PublishProperties properties, Struct to) {
        to.put("payload_is_utf8", properties.payloadIsUtf8());
        properties.contentType().ifPresent(type -> to.put("content_type", type));
        properties.responseTopic().ifPresent(topic -> to.put("response_topic", topic));
        properties.correlationData().ifPresent(data -> to.put("correlation_data", Payload.bytes(data)));
        properties.messageExpirySeconds().ifPresent(seconds -> to.put("message_expiry", seconds));
        List<Struct> userProperties =
                new ArrayList<>(properties.userProperties().size());
        for (UserProperty property : properties.userProperties()) {
            userProperties.add(
                    new Struct(USER_PROPERTY).put("name", property.name()).put("value", property.value()));
        }
        to.put("user_properties", userProperties);
    }
}
