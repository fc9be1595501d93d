package io.sluice.connect.format;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sluice.message.Message;
import io.sluice.message.UserProperty;
import java.io.IOException;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The message structure that RobustMQ documents for its Kafka connector, with one {@code timestamp} in place of its two.
 * Text that a message lacks is empty, so that fields keep the documented types.
 */
final class RobustmqMessage extends JsonObject {

    @Override
    void write(ValueSource source, JsonGenerator to) throws IOException {
        Message message = source.message();
        byte[] payload = Payload.bytes(message.payload());
        to.writeStringField("topic", message.topic());
        to.writeNumberField("qos", message.qos().level());
        to.writeBooleanField("retain", message.retained());
        to.writeBinaryField("payload", payload);
        to.writeStringField("client_id", message.clientId());
        to.writeStringField("username", message.username().orElse(""));
        to.writeNumberField("timestamp", message.receivedAtMs() / 1_000);
        to.writeNumberField("message_id", message.packetId());
        writeHeader(message, to);
        to.writeStringField("key", source.key().orElse(""));
        to.writeBinaryField("data", payload);
        writeLevels(message.topic(), to);
        to.writeNumberField("crc_num", crc(payload));
    }

    private static void writeHeader(Message message, JsonGenerator to) throws IOException {
        to.writeArrayFieldStart("header");
        Optional<String> contentType = message.properties().contentType();
        if (contentType.isPresent()) {
            writePair("content-type", contentType.get(), to);
        }
        for (UserProperty property : message.properties().userProperties()) {
            writePair(property.name(), property.value(), to);
        }
        to.writeEndArray();
    }

    private static void writePair(String key, String value, JsonGenerator to) throws IOException {
        to.writeStartObject();
        to.writeStringField("key", key);
        to.writeStringField("value", value);
        to.writeEndObject();
    }

    private static void writeLevels(String topic, JsonGenerator to) throws IOException {
        String[] levels = topic.split("/", -1);
        to.writeFieldName("tags");
        to.writeArray(levels, 0, levels.length);
    }

    /** CRC-32 as in zip files, 0 to 4,294,967,295. */
    static long crc(byte[] payload) {
        CRC32 crc = new CRC32();
        crc.update(payload);
        return crc.getValue();
    }
}
