package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.mqtt.BrokerAddress;
import io.sluice.tools.mqtt.MqttConnection;
import io.sluice.tools.mqtt.MqttLogin;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttSession;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The connections to brokers that pages have asked for. Thread-safe. */
final class MqttClients implements AutoCloseable {

    private static final int MOST = 16;
    private static final int MOST_A_SECOND = 20;
    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(10);
    private static final String SHARED = "$share/";
    private static final Duration LISTEN = Duration.ofSeconds(1);

    private final Map<String, MqttClient> clients = new HashMap<>();
    private final SecureRandom random = new SecureRandom();

    /** Connects a client; {@code client} of the answer is what {@link #get} takes. */
    JsonNode connect(KnownPlace place, JsonNode json) {
        synchronized (this) {
            clients.values().removeIf(MqttClient::isEnded);
            if (clients.size() >= MOST) {
                throw new CallRefused(503, "There are " + MOST + " MQTT clients already; disconnect one.");
            }
        }
        MqttLogin login = login(place, json);
        MqttClient client = new MqttClient(
                MqttConnection.connect(login), "Connected to " + login.broker() + ", MQTT " + login.version() + ".");
        String id = id();
        synchronized (this) {
            clients.put(id, client);
        }
        return Call.JSON.createObjectNode().put("client", id);
    }

    synchronized MqttClient get(String id) {
        MqttClient client = clients.get(id);
        if (client == null) {
            throw new CallRefused(410, "The client is disconnected; connect again.");
        }
        return client;
    }

    /** Connects, publishes a message with QoS 1 at least, and disconnects. */
    JsonNode publishOnce(KnownPlace place, JsonNode json) {
        ObjectNode message = json.path("message").deepCopy();
        if (message.path("qos").asInt() == 0) {
            message.put("qos", 1);
        }
        MqttMessage published = Messages.toPublish(message);
        try (MqttSession session = MqttConnection.connect(login(place, json))) {
            session.publish(published, ACKNOWLEDGED_WITHIN);
        }
        return Call.JSON.createObjectNode();
    }

    /** Connects and subscribes as {@link #tap} will, so that its page hears why that cannot be. */
    JsonNode checkTap(KnownPlace place, JsonNode json) {
        String filter = json.path("filter").asText();
        listen(place, json.path("broker").asText(), filter).close();
        return Call.JSON.createObjectNode();
    }

    /** Sends what a broker publishes, of which there may be more than anybody can read. */
    void tap(KnownPlace place, String broker, String filter, EventStream.Begin begin) throws IOException {
        try (MqttSession session = listen(place, broker, filter)) {
            EventStream stream = begin.stream();
            stream.send("subscribed", Call.JSON.createObjectNode());
            long second = 0;
            int shown = 0;
            while (true) {
                Optional<MqttMessage> message = session.receive(LISTEN);
                long now = Instant.now().getEpochSecond();
                shown = now == second ? shown : 0;
                second = now;
                if (message.isEmpty()) {
                    stream.keepAlive();
                } else if (shown++ < MOST_A_SECOND) {
                    stream.send("message", Messages.json(message.get()));
                }
            }
        }
    }

    /** Only looks on: as nobody that the broker knows, unless the context has a login, and beside all other readers. */
    private MqttSession listen(KnownPlace place, String broker, String filter) {
        MqttConnection.checkFilter(filter);
        if (filter.startsWith(SHARED)) {
            throw new CallRefused(
                    422,
                    "The filter " + filter + " would take messages away from a shared subscription; listen with the"
                            + " filter after its group.");
        }
        MqttSession session =
                MqttConnection.connect(login(place, Call.JSON.createObjectNode().put("broker", broker)));
        try {
            session.subscribe(List.of(filter), 0);
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
        return session;
    }

    private MqttLogin login(KnownPlace place, JsonNode json) {
        ReachableBrokers brokers = ReachableBrokers.of(place);
        BrokerAddress address = brokers.get(json.path("broker").asText());
        Optional<String> user = Messages.text(json, "username");
        Optional<String> password = Messages.text(json, "password");
        if (user.isEmpty() && brokers.isOfContext(address)) {
            Optional<String[]> known = place.brokerLogin().map(login -> login.split(":", 2));
            user = known.map(parts -> parts[0]);
            password = known.filter(parts -> parts.length == 2).map(parts -> parts[1]);
        }
        int version = json.path("version").asInt(5);
        if (version != 3 && version != 5) {
            throw new CallRefused(422, "The version is 3 or 5, not " + version + ".");
        }
        return new MqttLogin(
                address,
                version,
                Messages.text(json, "clientId").or(() -> Optional.of("sluice-console-" + id().substring(0, 8))),
                user,
                password,
                Optional.<Path>empty(),
                Optional.empty(),
                Optional.of(json.path("will"))
                        .filter(will -> !will.path("topic").asText().isEmpty())
                        .map(Messages::toPublish));
    }

    private String id() {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public synchronized void close() {
        clients.values().forEach(MqttClient::disconnect);
    }
}
