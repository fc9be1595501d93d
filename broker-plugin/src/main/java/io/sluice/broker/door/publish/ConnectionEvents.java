package io.sluice.broker.door.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sluice.broker.door.client.Client;
import io.sluice.message.ConnectionTopics;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Messages about clients that connect and disconnect: small JSON objects, published under {@link ConnectionTopics} in the
 * name of the client, so that they are in the log among its publishes.
 */
final class ConnectionEvents {

    private static final JsonFactory JSON = new JsonFactory();
    private static final PublishProperties PROPERTIES = new PublishProperties(
            true, OptionalLong.empty(), Optional.of("application/json"), Optional.empty(), Optional.empty(), List.of());

    private ConnectionEvents() {}

    static Message connected(Client client, boolean sessionPresent) {
        return event(MessageKind.CONNECTED, client, json -> {
            json.writeStringField("event", "connected");
            json.writeStringField("address", client.address().toString());
            json.writeNumberField("protocolVersion", client.protocolLevel());
            json.writeBooleanField("sessionPresent", sessionPresent);
        });
    }

    /** A client has sent DISCONNECT. */
    static Message disconnected(Client client) {
        return event(MessageKind.DISCONNECTED, client, json -> json.writeStringField("event", "disconnected"));
    }

    /** A client's connection ended without DISCONNECT. */
    static Message lost(Client client) {
        return event(MessageKind.CONNECTION_LOST, client, json -> json.writeStringField("event", "connection_lost"));
    }

    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private static Message event(MessageKind kind, Client client, Fields fields) {
        long nowMs = System.currentTimeMillis();
        ByteArrayOutputStream payload = new ByteArrayOutputStream(128);
        try (JsonGenerator json = JSON.createGenerator(payload)) {
            json.writeStartObject();
            json.writeStringField("clientId", client.id());
            if (client.username().isPresent()) {
                json.writeStringField("username", client.username().get());
            }
            fields.write(json);
            json.writeNumberField("timestamp", nowMs);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Message(
                kind,
                client.id(),
                client.username(),
                client.certificateName(),
                ConnectionTopics.of(client.id()),
                Qos.AT_LEAST_ONCE,
                false,
                false,
                0,
                nowMs,
                PROPERTIES,
                ByteBuffer.wrap(payload.toByteArray()));
    }
}
