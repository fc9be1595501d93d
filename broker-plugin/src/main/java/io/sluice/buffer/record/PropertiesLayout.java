package io.sluice.buffer.record;

import io.sluice.message.PublishProperties;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How the MQTT 5 properties of a message lie in its record: as in a PUBLISH packet (MQTT 5 section 2.2.2.2), each an
 * identifier and a value. No properties take no bytes. In front of them may lie the common name of the publisher's
 * certificate, a text under an identifier that MQTT does not use: a Sluice that does not know it refuses the record in a
 * sentence.
 */
final class PropertiesLayout {

    private static final int PAYLOAD_FORMAT = 0x01;
    private static final int MESSAGE_EXPIRY = 0x02;
    private static final int CONTENT_TYPE = 0x03;
    private static final int RESPONSE_TOPIC = 0x08;
    private static final int CORRELATION_DATA = 0x09;
    private static final int USER_PROPERTY = 0x26;

    /** No property of MQTT 5 has it. */
    private static final int CERTIFICATE_NAME = 0x7F;

    /** Bytes in front of the common name of a certificate: identifier and length. */
    static final int BEFORE_CERTIFICATE_NAME = 1 + Short.BYTES;

    private static final int MAX_FIXED_BYTES = 32;
    private static final int MAX_BINARY_BYTES = 65_535;

    private PropertiesLayout() {}

    /** A size in bytes that the properties do not exceed. */
    static long sizeLimit(PublishProperties properties) {
        if (properties.equals(PublishProperties.NONE)) {
            return 0;
        }
        long characters = (long) properties.contentType().map(String::length).orElse(0)
                + properties.responseTopic().map(String::length).orElse(0);
        for (UserProperty property : properties.userProperties()) {
            characters += property.name().length() + property.value().length() + 2;
        }
        return MAX_FIXED_BYTES
                + StoredText.MAX_UTF8_PER_CHAR * characters
                + properties.correlationData().map(ByteBuffer::remaining).orElse(0);
    }

    /** Refuses what MQTT 5 could not have carried. */
    static void requireStorable(PublishProperties properties) {
        properties.contentType().ifPresent(text -> StoredText.requireStorable("content type", text));
        properties.responseTopic().ifPresent(text -> StoredText.requireStorable("response topic", text));
        properties.correlationData().ifPresent(data -> {
            if (data.remaining() > MAX_BINARY_BYTES) {
                throw new BufferException(
                        "correlation data of " + data.remaining() + " bytes cannot be stored: MQTT allows 65,535");
            }
        });
        for (UserProperty property : properties.userProperties()) {
            StoredText.requireStorable("user property's name", property.name());
            StoredText.requireStorable("user property's value", property.value());
        }
    }

    /** A size in bytes that the common name of a certificate does not exceed. */
    static long sizeLimit(Optional<String> certificateName) {
        return certificateName.isEmpty()
                ? 0
                : BEFORE_CERTIFICATE_NAME
                        + (long) StoredText.MAX_UTF8_PER_CHAR
                                * certificateName.get().length();
    }

    /** Stands before the properties. */
    static void encodeCertificateName(ByteBuffer out, String name) {
        putText(out.put((byte) CERTIFICATE_NAME), name);
    }

    /** How many bytes the common name of a certificate takes in front of the properties; 0 if there is none. */
    static int certificateBytes(ByteBuffer in, int at, int bytes) {
        return bytes > 0 && in.get(at) == CERTIFICATE_NAME
                ? BEFORE_CERTIFICATE_NAME + Short.toUnsignedInt(in.getShort(at + 1))
                : 0;
    }

    static void encode(ByteBuffer out, PublishProperties properties) {
        if (properties.payloadIsUtf8()) {
            out.put((byte) PAYLOAD_FORMAT).put((byte) 1);
        }
        if (properties.messageExpirySeconds().isPresent()) {
            out.put((byte) MESSAGE_EXPIRY)
                    .putInt((int) properties.messageExpirySeconds().getAsLong());
        }
        properties.contentType().ifPresent(text -> putText(out.put((byte) CONTENT_TYPE), text));
        properties.responseTopic().ifPresent(text -> putText(out.put((byte) RESPONSE_TOPIC), text));
        properties
                .correlationData()
                .ifPresent(data -> out.put((byte) CORRELATION_DATA)
                        .putShort((short) data.remaining())
                        .put(data.duplicate()));
        for (UserProperty property : properties.userProperties()) {
            putText(putText(out.put((byte) USER_PROPERTY), property.name()), property.value());
        }
    }

    private static ByteBuffer putText(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return out.putShort((short) bytes.length).put(bytes);
    }

    static PublishProperties decode(ByteBuffer in) {
        boolean payloadIsUtf8 = false;
        OptionalLong expiry = OptionalLong.empty();
        Optional<String> contentType = Optional.empty();
        Optional<String> responseTopic = Optional.empty();
        Optional<ByteBuffer> correlationData = Optional.empty();
        List<UserProperty> userProperties = new ArrayList<>();
        while (in.hasRemaining()) {
            int identifier = in.get();
            switch (identifier) {
                case PAYLOAD_FORMAT -> payloadIsUtf8 = in.get() == 1;
                case MESSAGE_EXPIRY -> expiry = OptionalLong.of(Integer.toUnsignedLong(in.getInt()));
                case CONTENT_TYPE -> contentType = Optional.of(text(in));
                case RESPONSE_TOPIC -> responseTopic = Optional.of(text(in));
                case CORRELATION_DATA -> correlationData = Optional.of(ByteBuffer.wrap(binary(in)));
                case USER_PROPERTY -> userProperties.add(new UserProperty(text(in), text(in)));
                default ->
                    throw new BufferException("a record holds the MQTT property " + identifier
                            + ", which this version of Sluice does not know");
            }
        }
        return new PublishProperties(
                payloadIsUtf8, expiry, contentType, responseTopic, correlationData, userProperties);
    }

    private static String text(ByteBuffer in) {
        return new String(binary(in), StandardCharsets.UTF_8);
    }

    private static byte[] binary(ByteBuffer in) {
        byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(bytes);
        return bytes;
    }
}
