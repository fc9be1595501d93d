package io.sluice.connect.route;

import io.sluice.connect.format.ConvertedSize;
import io.sluice.connect.format.HeaderSelection;
import io.sluice.connect.format.HeaderWriter;
import io.sluice.connect.format.HeapSize;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.MqttHeader;
import io.sluice.connect.format.Payload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/**
 * Makes records of messages that a route cannot map: the payload and the key as they are, every {@code mqtt.*} header,
 * and what was wrong in separate headers.
 *
 * <p>The value has the form of the route's other values, since it goes through the same converter: bytes where they are
 * bytes, elsewhere text, in base64 if the payload is not UTF-8. A converter for text would not refuse bytes but write the
 * name of an array in their place.
 *
 * <p>A dead letter above the limit loses its key and the headers that do not say where it came from; if it is still too
 * large, the end of its payload. So a dead letter can always be written. It has no timestamp, which may be what was
 * wrong: the producer gives it one.
 *
 * @param maxBytes the largest record, in bytes of key, value, and names and values of headers; at least {@link #LEAST}
 */
public record DeadLetters(String topic, int maxBytes, String connector) {

    /** Holds the longest topic and client id that MQTT has, and what else is always told. */
    public static final int LEAST = 262_144;

    static final String ERROR_MESSAGE = "sluice.error.message";
    static final String ERROR_CLASS = "sluice.error.class";
    static final String ERROR_CONNECTOR = "sluice.error.connector";
    static final String ERROR_ROUTE = "sluice.error.route";
    static final String ERROR_BUFFER = "sluice.error.buffer";
    static final String ERROR_POSITION = "sluice.error.position";
    static final String ERROR_ELEMENT = "sluice.error.element";
    static final String PAYLOAD_ENCODING = "sluice.error.payload.encoding";
    static final String PAYLOAD_BYTES = "sluice.error.payload.bytes";

    /** Of the sentence about the error; what it quotes may be long. */
    private static final int LONGEST_SENTENCE = 10_000;

    /** For the two headers about the payload. */
    private static final int RESERVE = 100;

    /** Of the payload of a dead letter that Kafka did not take as it was. */
    private static final int FEW_BYTES = 1_000;

    private static final HeaderSelection ORIGIN =
            new HeaderSelection(EnumSet.of(MqttHeader.TOPIC, MqttHeader.CLIENT_ID));

    /** The dead letter of a message. Whatever the message is, there is one. */
    public RoutedRecord of(MessageFields fields, Route route, String sentence, Exception cause) {
        ByteBuffer payload = fields.message().payload();
        HeaderWriter all = errors(fields.id(), route, sentence, cause);
        HeaderSelection.ALL.write(fields.message(), fields.id(), all);
        RoutedRecord whole = letter(key(fields, route), payload, all, route);
        if (fits(whole, all, route)) {
            return whole;
        }
        HeaderWriter origin = errors(fields.id(), route, sentence, cause);
        ORIGIN.write(fields.message(), fields.id(), origin);
        RoutedRecord withoutRest = letter(Optional.empty(), payload, origin, route);
        return fits(withoutRest, origin, route) ? withoutRest : beginning(fields, route, sentence, cause, maxBytes);
    }

    /**
     * The dead letter of a message whose dead letter Kafka did not take, or would take too much memory: the first bytes of its
     * payload and its origin.
     */
    public RoutedRecord reduced(MessageFields fields, Route route, String sentence, Exception cause) {
        return beginning(fields, route, sentence, cause, FEW_BYTES);
    }

    /** What was wrong may have to do with the key. */
    private static Optional<SchemaAndValue> key(MessageFields fields, Route route) {
        try {
            return route.key().ifAny(fields);
        } catch (RuntimeException | StackOverflowError e) {
            return Optional.empty();
        }
    }

    private boolean fits(RoutedRecord letter, HeaderWriter headers, Route route) {
        return route.limit().bytes(letter.key(), letter.value()) + headers.bytes() <= maxBytes - RESERVE;
    }

    private RoutedRecord beginning(
            MessageFields fields, Route route, String sentence, Exception cause, int atMostBytes) {
        ByteBuffer payload = fields.message().payload();
        HeaderWriter headers = errors(fields.id(), route, sentence, cause);
        ORIGIN.write(fields.message(), fields.id(), headers);
        headers.text(PAYLOAD_BYTES, Integer.toString(payload.remaining()));
        // A charset or a converter may make topic and client id larger than all of it; the producer may take it still.
        long room = Math.max(0, Math.min(maxBytes - RESERVE - headers.bytes(), atMostBytes));
        boolean asText = isText(payload, route);
        int length = Math.min(payload.remaining(), (int) room);
        RoutedRecord letter = letter(Optional.empty(), cut(payload, length, asText), headers, route);
        for (long bytes = route.limit().value().of(letter.value());
                bytes > room && length > 0;
                bytes = route.limit().value().of(letter.value())) {
            length = (int) Math.max(0, Math.min(length - 1L, length * room / bytes));
            letter = letter(Optional.empty(), cut(payload, length, asText), headers, route);
        }
        return letter;
    }

    private RoutedRecord letter(Optional<SchemaAndValue> key, ByteBuffer payload, HeaderWriter headers, Route route) {
        SchemaAndValue value;
        if (route.value().format().isBytes()) {
            value = new SchemaAndValue(Schema.BYTES_SCHEMA, Payload.bytes(payload));
        } else if (isText(payload, route)) {
            value = text(new String(Payload.bytes(payload), StandardCharsets.UTF_8));
        } else {
            value = text(Base64.getEncoder().encodeToString(Payload.bytes(payload)));
            headers.headers().remove(PAYLOAD_ENCODING);
            headers.text(PAYLOAD_ENCODING, "base64");
        }
        // The time may be what was wrong.
        return new RoutedRecord(
                topic,
                OptionalInt.empty(),
                key,
                value,
                headers.headers(),
                OptionalLong.empty(),
                key.map(of -> HeapSize.of(of.value())).orElse(0L) + HeapSize.of(value.value()) + headers.bytes());
    }

    private static SchemaAndValue text(String text) {
        return new SchemaAndValue(Schema.STRING_SCHEMA, text);
    }

    /** Whether a payload is written as text. One of which JSON would escape much is shorter in base64. */
    private static boolean isText(ByteBuffer payload, Route route) {
        ConvertedSize size = route.limit().value();
        return !route.value().format().isBytes()
                && Payload.text(payload)
                        .filter(text -> size == ConvertedSize.AS_IS
                                || size.of(text(text)) - size.of(text("")) <= ConvertedSize.base64(payload.remaining()))
                        .isPresent();
    }

    private HeaderWriter errors(MessageId id, Route route, String sentence, Exception cause) {
        HeaderWriter headers = new HeaderWriter(route.headers().form());
        headers.text(ERROR_MESSAGE, beginning(sentence));
        headers.text(ERROR_CLASS, cause.getClass().getName());
        headers.text(ERROR_CONNECTOR, connector);
        headers.text(ERROR_ROUTE, route.name());
        headers.text(ERROR_BUFFER, id.buffer());
        headers.text(ERROR_POSITION, Long.toString(id.position()));
        id.element().ifPresent(element -> headers.text(ERROR_ELEMENT, Integer.toString(element)));
        return headers;
    }

    private static String beginning(String sentence) {
        return sentence.length() <= LONGEST_SENTENCE ? sentence : sentence.substring(0, LONGEST_SENTENCE);
    }

    private static ByteBuffer cut(ByteBuffer payload, int length, boolean asText) {
        int end = payload.position() + length;
        while (asText && end > payload.position() && end < payload.limit() && isInsideCharacter(payload.get(end))) {
            end--;
        }
        return payload.slice(payload.position(), end - payload.position());
    }

    private static boolean isInsideCharacter(byte utf8) {
        return (utf8 & 0xC0) == 0x80;
    }
}
