package io.sluice.broker.session;

import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a message lies in memory and on disk, but for the time at which it expires:
 *
 * <pre>
 * flags (1)  topic  [content type]  [response topic]  [correlation data]  [message expiry (4)]
 * number of user properties (4)  (name  value)*  payload
 * </pre>
 *
 * Texts and binary data begin with their length (4); what is in brackets is there if its flag is set; the payload is the
 * rest.
 */
final class PublishFormat {

    private static final int QOS = 0x03;
    private static final int RETAINED = 0x04;
    private static final int UTF8 = 0x08;
    private static final int CONTENT_TYPE = 0x10;
    private static final int RESPONSE_TOPIC = 0x20;
    private static final int CORRELATION_DATA = 0x40;
    private static final int MESSAGE_EXPIRY = 0x80;

    private PublishFormat() {}

    static byte[] encode(StoredPublish publish) {
        PublishProperties properties = publish.properties();
        ByteBuffer payload = publish.payload();
        List<byte[]> texts = new ArrayList<>();
        texts.add(utf8(publish.topic()));
        properties.contentType().ifPresent(text -> texts.add(utf8(text)));
        properties.responseTopic().ifPresent(text -> texts.add(utf8(text)));
        properties.correlationData().ifPresent(data -> texts.add(bytes(data.duplicate())));
        int before = texts.size();
        for (UserProperty property : properties.userProperties()) {
            texts.add(utf8(property.name()));
            texts.add(utf8(property.value()));
        }
        int size = 1 + Integer.BYTES + payload.remaining();
        size += properties.messageExpirySeconds().isPresent() ? Integer.BYTES : 0;
        for (byte[] text : texts) {
            size += Integer.BYTES + text.length;
        }

        ByteBuffer out = ByteBuffer.allocate(size).put((byte) flags(publish));
        texts.subList(0, before).forEach(text -> put(out, text));
        properties.messageExpirySeconds().ifPresent(seconds -> out.putInt((int) seconds));
        out.putInt(properties.userProperties().size());
        texts.subList(before, texts.size()).forEach(text -> put(out, text));
        return out.put(payload).array();
    }

    private static int flags(StoredPublish publish) {
        PublishProperties properties = publish.properties();
        return publish.qos().level()
                | (publish.retained() ? RETAINED : 0)
                | (properties.payloadIsUtf8() ? UTF8 : 0)
                | (properties.contentType().isPresent() ? CONTENT_TYPE : 0)
                | (properties.responseTopic().isPresent() ? RESPONSE_TOPIC : 0)
                | (properties.correlationData().isPresent() ? CORRELATION_DATA : 0)
                | (properties.messageExpirySeconds().isPresent() ? MESSAGE_EXPIRY : 0);
    }

    /**
     * The message that bytes stand for; its payload is a view of them.
     *
     * @throws RuntimeException if they stand for none
     */
    static StoredPublish decode(byte[] body, OptionalLong expiresAtMs) {
        ByteBuffer in = ByteBuffer.wrap(body);
        int flags = in.get();
        String topic = text(in);
        Optional<String> contentType = (flags & CONTENT_TYPE) == 0 ? Optional.empty() : Optional.of(text(in));
        Optional<String> responseTopic = (flags & RESPONSE_TOPIC) == 0 ? Optional.empty() : Optional.of(text(in));
        Optional<ByteBuffer> correlationData =
                (flags & CORRELATION_DATA) == 0 ? Optional.empty() : Optional.of(ByteBuffer.wrap(binary(in)));
        OptionalLong messageExpiry = (flags & MESSAGE_EXPIRY) == 0
                ? OptionalLong.empty()
                : OptionalLong.of(Integer.toUnsignedLong(in.getInt()));
        int count = in.getInt();
        List<UserProperty> userProperties = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            userProperties.add(new UserProperty(text(in), text(in)));
        }
        PublishProperties properties = new PublishProperties(
                (flags & UTF8) != 0, messageExpiry, contentType, responseTopic, correlationData, userProperties);
        return new StoredPublish(
                topic,
                Qos.ofLevel(flags & QOS),
                (flags & RETAINED) != 0,
                expiresAtMs,
                properties.equals(PublishProperties.NONE) ? PublishProperties.NONE : properties,
                in.slice());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Takes all that remains. */
    static byte[] bytes(ByteBuffer data) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }

    private static void put(ByteBuffer out, byte[] bytes) {
        out.putInt(bytes.length).put(bytes);
    }

    static String text(ByteBuffer in) {
        return new String(binary(in), StandardCharsets.UTF_8);
    }

    private static byte[] binary(ByteBuffer in) {
        byte[] bytes = new byte[Math.min(in.getInt(), in.remaining())];
        in.get(bytes);
        return bytes;
    }
}
