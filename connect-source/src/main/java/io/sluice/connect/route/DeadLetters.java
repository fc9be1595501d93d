package io.sluice.connect.route;

import io.sluice.connect.format.HeaderSelection;
import io.sluice.connect.format.HeaderWriter;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.MqttHeader;
import io.sluice.connect.format.Payload;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/**
 * Makes records of messages that a route cannot map: the payload and the key as they are, every {@code mqtt.*} header,
 * and what was wrong in headers of their own.
 *
 * <p>The value has the form of the route's other values, since it goes through the same converter: bytes where they are
 * bytes, elsewhere text, in base64 if the payload is not UTF-8. A converter for text would not refuse bytes but write the
 * name of an array in their place.
 *
 * <p>What would be above the limit is reduced to the beginning of the payload and the headers that say where it came
 * from, so that a dead letter can always be written.
 *
 * @param topic Kafka topic
 * @param maxBytes the largest record, in bytes of key, value, and names and values of headers; at least {@link #LEAST}
 * @param connector the connector's name
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
    static final String PAYLOAD_ENCODING = "sluice.error.payload.encoding";
    static final String PAYLOAD_BYTES = "sluice.error.payload.bytes";

    /** Of the sentence about the error; what it quotes may be long. */
    private static final int LONGEST_SENTENCE = 10_000;

    /** For the two headers about the payload. */
    private static final int RESERVE = 100;

    private static final HeaderSelection ORIGIN =
            HeaderSelection.of(EnumSet.of(MqttHeader.TOPIC, MqttHeader.CLIENT_ID));

    /**
     * The dead letter of a message.
     *
     * @param route the route that could not map it
     * @param sentence what was wrong
     * @param cause what was thrown
     */
    public RoutedRecord of(MessageFields fields, Route route, String sentence, Exception cause) {
        byte[] payload = Payload.bytes(fields.message().payload());
        boolean asText = !route.value().format().isBytes();
        boolean inBase64 = asText && Payload.text(fields.message().payload()).isEmpty();
        Optional<String> key = route.key(fields);
        HeaderWriter headers = errors(fields.id(), route, sentence, cause);
        HeaderSelection.ALL.write(fields.message(), headers);
        long room = maxBytes
                - RESERVE
                - headers.bytes()
                - key.map(Utils::utf8Length).orElse(0);
        if (room < (inBase64 ? base64Bytes(payload.length) : payload.length)) {
            key = Optional.empty();
            headers = errors(fields.id(), route, sentence, cause);
            ORIGIN.write(fields.message(), headers);
            headers.text(PAYLOAD_BYTES, Integer.toString(payload.length));
            payload = beginning(payload, maxBytes - RESERVE - headers.bytes(), asText, inBase64);
        }
        if (inBase64) {
            headers.text(PAYLOAD_ENCODING, "base64");
        }
        return new RoutedRecord(topic, key, value(payload, asText, inBase64), headers.headers());
    }

    private HeaderWriter errors(MessageId id, Route route, String sentence, Exception cause) {
        HeaderWriter headers = new HeaderWriter(route.headers().charset());
        headers.text(ERROR_MESSAGE, sentence.substring(0, Math.min(sentence.length(), LONGEST_SENTENCE)));
        headers.text(ERROR_CLASS, cause.getClass().getName());
        headers.text(ERROR_CONNECTOR, connector);
        headers.text(ERROR_ROUTE, route.name());
        headers.text(ERROR_BUFFER, id.buffer());
        headers.text(ERROR_POSITION, Long.toString(id.position()));
        return headers;
    }

    private static long base64Bytes(long bytes) {
        return (bytes + 2) / 3 * 4;
    }

    private static byte[] beginning(byte[] payload, long room, boolean asText, boolean inBase64) {
        int length = (int) Math.min(payload.length, inBase64 ? room / 4 * 3 : room);
        while (asText && !inBase64 && length < payload.length && isInsideCharacter(payload[length])) {
            length--;
        }
        return Arrays.copyOf(payload, length);
    }

    private static boolean isInsideCharacter(byte utf8) {
        return (utf8 & 0xC0) == 0x80;
    }

    private static SchemaAndValue value(byte[] payload, boolean asText, boolean inBase64) {
        if (!asText) {
            return new SchemaAndValue(Schema.BYTES_SCHEMA, payload);
        }
        return new SchemaAndValue(
                Schema.STRING_SCHEMA,
                inBase64 ? Base64.getEncoder().encodeToString(payload) : new String(payload, StandardCharsets.UTF_8));
    }
}
