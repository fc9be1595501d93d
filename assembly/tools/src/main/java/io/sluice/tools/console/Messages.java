package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.message.Message;
import io.sluice.tools.mqtt.MqttConnection;
import io.sluice.tools.mqtt.MqttMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Messages as the page writes them: {@code topic, payload} or {@code payloadBase64}, {@code qos, retain, contentType,
 * responseTopic, correlationData, expirySeconds, text, properties} (objects with {@code name} and {@code value}), and for a
 * trial {@code clientId} and {@code username}.
 */
final class Messages {

    private Messages() {}

    /** As a client publishes it. */
    static MqttMessage toPublish(JsonNode json) {
        String topic = json.path("topic").asText();
        MqttConnection.checkTopic(topic);
        List<Map.Entry<String, String>> properties = new ArrayList<>();
        json.path("properties")
                .forEach(each -> properties.add(
                        Map.entry(each.path("name").asText(), each.path("value").asText())));
        long expirySeconds = json.path("expirySeconds").asLong();
        return new MqttMessage(
                topic,
                payload(json),
                qos(json),
                json.path("retain").asBoolean(),
                new MqttMessage.About(
                        text(json, "contentType"),
                        text(json, "responseTopic"),
                        text(json, "correlationData"),
                        expirySeconds > 0 ? OptionalLong.of(expirySeconds) : OptionalLong.empty(),
                        json.path("text").asBoolean(),
                        properties));
    }

    /** As a route sees it. */
    static Message toTry(JsonNode json) {
        return toPublish(json).publishedBy(text(json, "clientId").orElse("client-1"), text(json, "username"));
    }

    /** What a client received, as the page shows it. */
    static ObjectNode json(MqttMessage message) {
        return message.json().put("bytes", message.payload().length);
    }

    static int qos(JsonNode json) {
        int qos = json.path("qos").asInt();
        if (qos < 0 || qos > 2) {
            throw new CallRefused(422, "The QoS is 0, 1 or 2, not " + qos + ".");
        }
        return qos;
    }

    static Optional<String> text(JsonNode json, String field) {
        return Optional.of(json.path(field).asText()).filter(text -> !text.isEmpty());
    }

    private static byte[] payload(JsonNode json) {
        if (!json.hasNonNull("payloadBase64")) {
            return json.path("payload").asText().getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Base64.getDecoder().decode(json.path("payloadBase64").asText());
        } catch (IllegalArgumentException e) {
            throw new CallRefused(422, "The payload is no base64: " + e.getMessage() + ".");
        }
    }
}
