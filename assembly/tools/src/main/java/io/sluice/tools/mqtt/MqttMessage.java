package io.sluice.tools.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.datatypes.MqttUtf8String;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserPropertiesBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.UserProperty;
import io.sluice.tools.Payloads;
import io.sluice.tools.ToolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * A message, with what MQTT 5 says about one; 3.1.1 carries topic, payload, QoS and the retain flag of it.
 *
 * @param payload its bytes; never changed
 * @param qos 0 to 2
 * @param retain whether the broker is to keep it for who subscribes later, or has kept it
 * @param about what MQTT 5 says about it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record MqttMessage(String topic, byte[] payload, int qos, boolean retain, About about) {

    /**
     * What MQTT 5 says about a message.
     *
     * @param contentType what the payload is
     * @param responseTopic where an answer is expected
     * @param correlationData what an answer has to carry
     * @param expirySeconds how long it is worth anything
     * @param text whether it is marked as UTF-8
     * @param properties user properties, of which a name may come several times
     */
    public record About(
            Optional<String> contentType,
            Optional<String> responseTopic,
            Optional<String> correlationData,
            OptionalLong expirySeconds,
            boolean text,
            List<Map.Entry<String, String>> properties) {

        public static final About NOTHING =
                new About(Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty(), false, List.of());

        public About {
            properties = List.copyOf(properties);
        }
    }

    static MqttMessage of(Mqtt5Publish publish) {
        List<Map.Entry<String, String>> properties = new ArrayList<>();
        publish.getUserProperties()
                .asList()
                .forEach(property -> properties.add(Map.entry(
                        property.getName().toString(), property.getValue().toString())));
        return new MqttMessage(
                publish.getTopic().toString(),
                publish.getPayloadAsBytes(),
                publish.getQos().getCode(),
                publish.isRetain(),
                new About(
                        publish.getContentType().map(MqttUtf8String::toString),
                        publish.getResponseTopic().map(Object::toString),
                        publish.getCorrelationData().map(MqttMessage::text),
                        publish.getMessageExpiryInterval(),
                        publish.getPayloadFormatIndicator()
                                .filter(Mqtt5PayloadFormatIndicator.UTF_8::equals)
                                .isPresent(),
                        properties));
    }

    private static String text(ByteBuffer bytes) {
        return UTF_8.decode(bytes.duplicate()).toString();
    }

    Mqtt5Publish five() {
        return sendable(this::build);
    }

    /**
     * Refuses what MQTT cannot carry.
     *
     * @throws ToolException if a text is too long or has a character that none may have, or the response topic is none
     */
    @SuppressWarnings("CheckReturnValue") // it is built to see whether it can be
    public void check() {
        five();
    }

    private <T> T sendable(Supplier<T> built) {
        try {
            return built.get();
        } catch (IllegalArgumentException e) {
            throw ToolException.usage("The message to " + topic + " cannot be sent: " + e.getMessage(), e);
        }
    }

    @SuppressWarnings("CheckReturnValue") // builders change in place
    private Mqtt5Publish build() {
        Mqtt5UserPropertiesBuilder properties = Mqtt5UserProperties.builder();
        about.properties().forEach(property -> properties.add(property.getKey(), property.getValue()));
        Mqtt5PublishBuilder.Complete publish = Mqtt5Publish.builder()
                .topic(topic)
                .payload(payload)
                .qos(quality(qos))
                .retain(retain)
                .userProperties(properties.build());
        about.contentType().ifPresent(publish::contentType);
        about.responseTopic().ifPresent(publish::responseTopic);
        about.correlationData().ifPresent(data -> publish.correlationData(data.getBytes(UTF_8)));
        about.expirySeconds().ifPresent(publish::messageExpiryInterval);
        if (about.text()) {
            publish.payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UTF_8);
        }
        return publish.build();
    }

    static MqttMessage of(Mqtt3Publish publish) {
        return new MqttMessage(
                publish.getTopic().toString(),
                publish.getPayloadAsBytes(),
                publish.getQos().getCode(),
                publish.isRetain(),
                About.NOTHING);
    }

    Mqtt3Publish three() {
        return sendable(() -> Mqtt3Publish.builder()
                .topic(topic)
                .payload(payload)
                .qos(quality(qos))
                .retain(retain)
                .build());
    }

    /** The message as the broker hands it on if a client publishes it now. */
    public Message publishedBy(String clientId, Optional<String> username) {
        return new Message(
                MessageKind.PUBLISH,
                clientId,
                username,
                Optional.empty(),
                topic,
                Qos.ofLevel(qos),
                retain,
                false,
                qos == 0 ? 0 : 1,
                System.currentTimeMillis(),
                new PublishProperties(
                        about.text(),
                        about.expirySeconds(),
                        about.contentType(),
                        about.responseTopic(),
                        about.correlationData().map(data -> ByteBuffer.wrap(data.getBytes(UTF_8))),
                        about.properties().stream()
                                .map(property -> new UserProperty(property.getKey(), property.getValue()))
                                .toList()),
                ByteBuffer.wrap(payload));
    }

    /** The message as JSON, without what is not said about it. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("topic", topic);
        Payloads.put(json, "payload", payload);
        json.put("qos", qos).put("retain", retain);
        about.contentType().ifPresent(value -> json.put("contentType", value));
        about.responseTopic().ifPresent(value -> json.put("responseTopic", value));
        about.correlationData().ifPresent(value -> json.put("correlationData", value));
        about.expirySeconds().ifPresent(value -> json.put("expirySeconds", value));
        if (about.text()) {
            json.put("text", true);
        }
        about.properties()
                .forEach(property -> json.withArray("properties")
                        .addObject()
                        .put("name", property.getKey())
                        .put("value", property.getValue()));
        return json;
    }

    static MqttQos quality(int qos) {
        return Objects.requireNonNull(MqttQos.fromCode(qos), "QoS is 0, 1 or 2");
    }
}
