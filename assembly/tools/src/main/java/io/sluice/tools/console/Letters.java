package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.Connector;
import io.sluice.tools.Payloads;
import io.sluice.tools.doctor.KafkaExam;
import io.sluice.tools.kafka.TopicTail;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** The dead letters of a connector, newest first. */
final class Letters {

    private static final int READ = 1_000;
    private static final int SHOWN = 100;
    /** A page takes them all at once, and this program has some hundred MiB for all pages. */
    private static final long MOST_BYTES = 8 << 20;

    private static final String ERROR = "sluice.error.";
    private static final String PROPERTY = "mqtt.property.";
    private static final Map<String, String> FIELDS = Map.of(
            "mqtt.topic", "topic",
            "mqtt.client.id", "clientId",
            "mqtt.username", "username",
            "mqtt.qos", "qos",
            "mqtt.content.type", "contentType",
            "mqtt.response.topic", "responseTopic",
            "sluice.error.route", "route",
            "sluice.error.position", "position",
            "sluice.error.message", "cause",
            "sluice.error.payload.bytes", "cutFrom");

    private Letters() {}

    static JsonNode of(KnownPlace place, String name) {
        Connector connector = place.connect().connector(name);
        String topic = connector.config().getOrDefault("dead.letter.topic", "mqtt.dead.letters");
        ObjectNode answer = Call.JSON.createObjectNode().put("topic", topic);
        ArrayNode letters = answer.putArray("letters");
        if (topic.isEmpty()) {
            return answer;
        }
        String servers = connector.config().getOrDefault("producer.override.bootstrap.servers", place.kafka());
        try (TopicTail tail =
                TopicTail.of(servers, KafkaExam.settings(connector, place.kafka(), place.kafkaSettings()), topic)) {
            List<ConsumerRecord<byte[], byte[]>> last =
                    tail.last(READ, record -> name.equals(text(record, ERROR + "connector")), SHOWN, MOST_BYTES);
            for (int i = last.size() - 1; i >= 0; i--) {
                letters.add(letter(last.get(i)));
            }
        }
        return answer;
    }

    static ObjectNode letter(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode letter = Call.JSON
                .createObjectNode()
                .put("place", record.topic() + "-" + record.partition() + "@" + record.offset())
                .put("time", record.timestamp());
        FIELDS.forEach((header, field) -> {
            String value = text(record, header);
            if (!value.isEmpty()) {
                letter.put(field, value);
            }
        });
        byte[] payload = record.value() == null ? new byte[0] : record.value();
        if (text(record, ERROR + "payload.encoding").equals("base64")) {
            payload = decoded(payload);
        }
        letter.put("payloadBase64", Base64.getEncoder().encodeToString(payload));
        ArrayNode properties = letter.putArray("properties");
        ArrayNode headers = letter.putArray("headers");
        for (Header header : record.headers()) {
            String value = header.value() == null ? "" : Payloads.shown(header.value());
            headers.addObject().put("name", header.key()).put("value", value);
            if (header.key().startsWith(PROPERTY)) {
                // It is published as the device sent it, and not as it is shown.
                properties
                        .addObject()
                        .put("name", header.key().substring(PROPERTY.length()))
                        .put(
                                "value",
                                Optional.ofNullable(header.value())
                                        .flatMap(Payloads::text)
                                        .orElse(value));
            }
        }
        return letter;
    }

    /** A converter for JSON puts text in quotes. */
    private static byte[] decoded(byte[] base64) {
        try {
            return Base64.getDecoder().decode(new String(base64, StandardCharsets.US_ASCII).replaceAll("^\"|\"$", ""));
        } catch (IllegalArgumentException e) {
            return base64;
        }
    }

    private static String text(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
