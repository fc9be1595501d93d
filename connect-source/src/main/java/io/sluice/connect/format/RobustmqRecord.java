package io.sluice.connect.format;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sluice.message.Message;
import io.sluice.message.PublishProperties;
import io.sluice.message.UserProperty;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The record that RobustMQ's Kafka connector sends since its version 0.3.7, which differs from what it documents: bytes are
 * arrays of numbers, times are seconds, and neither topic nor QoS is in it. Offset and shard are position and buffer.
 */
final class RobustmqRecord extends JsonObject {

    @Override
    void write(ValueSource source, JsonGenerator to) throws IOException {
        Message message = source.message();
        writeMetadata(source.id(), message, to);
        to.writeObjectFieldStart("protocol_data");
        writeMqtt(message, to);
        to.writeNullField("nats");
        to.writeNullField("mq9");
        to.writeNullField("amqp");
        to.writeEndObject();
        to.writeFieldName("data");
        writeNumbers(to, message.payload());
    }

    private static void writeMetadata(MessageId id, Message message, JsonGenerator to) throws IOException {
        long seconds = message.receivedAtMs() / 1_000;
        OptionalLong expiry = message.properties().messageExpirySeconds();
        to.writeObjectFieldStart("metadata");
        to.writeNumberField("offset", id.position());
        to.writeStringField("shard", id.buffer() + "-0");
        to.writeNumberField("segment", 0);
        to.writeNullField("header");
        to.writeNullField("key");
        to.writeNullField("tags");
        to.writeNumberField("create_t", seconds);
        to.writeNumberField("expire_at", expiry.isPresent() ? seconds + expiry.getAsLong() : 0);
        to.writeNumberField("crc_num", RobustmqMessage.crc(Payload.bytes(message.payload())));
        to.writeEndObject();
    }

    private static void writeMqtt(Message message, JsonGenerator to) throws IOException {
        PublishProperties properties = message.properties();
        to.writeObjectFieldStart("mqtt");
        to.writeStringField("client_id", message.clientId());
        to.writeBooleanField("retain", message.retained());
        if (properties.payloadIsUtf8()) {
            to.writeNumberField("format_indicator", 1);
        } else {
            to.writeNullField("format_indicator");
        }
        to.writeStringField("response_topic", properties.responseTopic().orElse(null));
        Optional<ByteBuffer> correlation = properties.correlationData();
        if (correlation.isPresent()) {
            to.writeFieldName("correlation_data");
            writeNumbers(to, correlation.get());
        } else {
            to.writeNullField("correlation_data");
        }
        to.writeStringField("content_type", properties.contentType().orElse(null));
        to.writeArrayFieldStart("user_properties");
        for (UserProperty property : properties.userProperties()) {
            to.writeStartArray();
            to.writeString(property.name());
            to.writeString(property.value());
            to.writeEndArray();
        }
        to.writeEndArray();
        to.writeEndObject();
    }

    /** Writes bytes as an array of numbers from 0 to 255. */
    private static void writeNumbers(JsonGenerator to, ByteBuffer bytes) throws IOException {
        to.writeStartArray();
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            to.writeNumber(Byte.toUnsignedInt(bytes.get(i)));
        }
        to.writeEndArray();
    }
}
