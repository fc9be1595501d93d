package io.sluice.connect.format;

import io.sluice.message.Message;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/** How the value of a record is made from a message. */
public enum ValueFormat {
    /** The payload as it is. Fits {@code ByteArrayConverter}. */
    BYTES {
        @Override
        public SchemaAndValue value(Message message) {
            return new SchemaAndValue(Schema.BYTES_SCHEMA, Payload.bytes(message.payload()));
        }
    },
    /** The payload as text, which must be UTF-8. Fits {@code StringConverter} and {@code JsonConverter}. */
    STRING {
        @Override
        public SchemaAndValue value(Message message) throws UnmappableException {
            try {
                // A decoder of its own reports malformed bytes; String would replace them, which loses data.
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(message.payload().duplicate())
                        .toString();
                return new SchemaAndValue(Schema.STRING_SCHEMA, text);
            } catch (CharacterCodingException e) {
                throw new UnmappableException(
                        "its payload is not UTF-8 text, which value.format=string asks for; value.format=bytes takes"
                                + " any payload");
            }
        }
    };

    /**
     * The value of the record that a message becomes.
     *
     * @throws UnmappableException if the payload is not what this format asks for
     */
    public abstract SchemaAndValue value(Message message) throws UnmappableException;
}
