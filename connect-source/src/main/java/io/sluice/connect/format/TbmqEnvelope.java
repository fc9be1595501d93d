package io.sluice.connect.format;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sluice.message.Message;
import io.sluice.message.UserProperty;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The envelope that TBMQ's Kafka integration sends unless told to send the payload only: its fields, in its order. */
final class TbmqEnvelope extends JsonObject {

    private static final String INTEGRATION_NAME = "integrationName";

    private final EnvelopeNames names;
    private final boolean integrationIsConnector;

    TbmqEnvelope(EnvelopeNames names) {
        this.names = names;
        this.integrationIsConnector = !names.metadata().contains(INTEGRATION_NAME);
    }

    @Override
    void write(ValueSource source, JsonGenerator to) throws IOException {
        Message message = source.message();
        to.writeBinaryField("payload", Payload.bytes(message.payload()));
        to.writeStringField("topicName", message.topic());
        to.writeStringField("clientId", message.clientId());
        to.writeStringField("eventType", "PUBLISH_MSG");
        to.writeNumberField("qos", message.qos().level());
        to.writeBooleanField("retain", message.retained());
        to.writeStringField("tbmqIeNode", names.connector());
        to.writeStringField("tbmqNode", names.broker());
        to.writeNumberField("ts", message.receivedAtMs());
        if (message.certificateName().isPresent()) {
            to.writeStringField("clientCertCn", message.certificateName().get());
        }
        writeProperties(message.properties().userProperties(), to);
        writeMetadata(source.metadata(), to);
    }

    private static void writeProperties(List<UserProperty> properties, JsonGenerator to) throws IOException {
        to.writeObjectFieldStart("props");
        if (properties.size() == 1) {
            to.writeStringField(properties.get(0).name(), properties.get(0).value());
        } else if (!properties.isEmpty()) {
            // Of properties that share a name TBMQ keeps the last one.
            Map<String, String> last = new LinkedHashMap<>();
            properties.forEach(property -> last.put(property.name(), property.value()));
            for (Map.Entry<String, String> property : last.entrySet()) {
                to.writeStringField(property.getKey(), property.getValue());
            }
        }
        to.writeEndObject();
    }

    private void writeMetadata(List<String> values, JsonGenerator to) throws IOException {
        to.writeObjectFieldStart("metadata");
        if (integrationIsConnector) {
            to.writeStringField(INTEGRATION_NAME, names.connector());
        }
        for (int i = 0; i < values.size(); i++) {
            to.writeStringField(names.metadata().get(i), values.get(i));
        }
        to.writeEndObject();
    }
}
