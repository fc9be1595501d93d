package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.Connector;
import io.sluice.tools.Difference;
import io.sluice.tools.RouteTrial;
import io.sluice.tools.Secrets;
import io.sluice.tools.States;
import io.sluice.tools.doctor.Checkup;
import io.sluice.tools.doctor.Finding;
import io.sluice.tools.doctor.Findings;
import io.sluice.tools.migrate.Migrated;
import io.sluice.tools.migrate.RobustMq;
import io.sluice.tools.migrate.Tbmq;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Configurations that are being written: what they would do, and how they come to run. Thread-safe. */
final class Drafts {

    private static final String SLUICE = "io.sluice.connect.MqttSourceConnector";
    private static final List<String> DEFINITION = List.of(
            "type",
            "required",
            "default_value",
            "importance",
            "documentation",
            "group",
            "display_name",
            "order",
            "width");

    /** What a connector of Sluice begins with, unless the context says otherwise. */
    private static final Map<String, String> BEGINNING = Map.of(
            "connector.class", SLUICE,
            "tasks.max", "1",
            "topic.filters", "#",
            "kafka.topic", "mqtt.messages",
            "buffer.dir", "/var/lib/sluice",
            "key.converter", "org.apache.kafka.connect.storage.StringConverter",
            "value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter",
            "topic.creation.default.partitions", "-1",
            "topic.creation.default.replication.factor", "-1");

    private static final Pattern OF_BROKER = Pattern.compile("(broker|buffer)\\..*");

    /** {@code config} of a new connector, and {@code brokers} of the worker that it can share. */
    JsonNode beginning(KnownPlace place) {
        ObjectNode beginning = Call.JSON.createObjectNode();
        ObjectNode config = beginning.putObject("config");
        Map<String, String> settings = new TreeMap<>(BEGINNING);
        settings.putAll(place.connectorSettings());
        settings.forEach(config::put);
        ArrayNode brokers = beginning.putArray("brokers");
        place.connect().connectors().properties().forEach(each -> {
            JsonNode running = each.getValue().path("info").path("config");
            if (States.areRunning(each.getValue().path("status"))
                    && running.path("connector.class").asText().equals(SLUICE)
                    && !running.path("broker.mode").asText().equals("remote")) {
                ObjectNode broker = brokers.addObject()
                        .put("name", each.getKey())
                        .put("listeners", running.path("broker.listeners").asText("tcp://127.0.0.1:1883"));
                ObjectNode shared = broker.putObject("config");
                running.properties().forEach(setting -> {
                    if (OF_BROKER.matcher(setting.getKey()).matches()
                            && !setting.getKey().equals("buffer.takeover.from")) {
                        shared.put(
                                setting.getKey(),
                                Secrets.shown(
                                        setting.getKey(), setting.getValue().asText()));
                    }
                });
            }
        });
        return beginning;
    }

    JsonNode validate(KnownPlace place, JsonNode body) {
        Connector draft = draft(place, body);
        JsonNode answer = place.connect().validate(draft);
        ObjectNode all = Call.JSON.createObjectNode();
        all.set("groups", answer.path("groups"));
        ArrayNode keys = all.putArray("keys");
        for (JsonNode each : answer.path("configs")) {
            JsonNode value = each.path("value");
            String name = value.path("name").asText();
            ObjectNode key = keys.addObject().put("name", name);
            if (body.path("definitions").asBoolean()) {
                DEFINITION.forEach(
                        field -> key.set(field, each.path("definition").path(field)));
            }
            if (!value.path("recommended_values").isEmpty()) {
                key.set("recommended", value.path("recommended_values"));
            }
            if (!value.path("errors").isEmpty()) {
                key.set("errors", value.path("errors"));
            }
            if (!value.path("visible").asBoolean(true)) {
                key.put("hidden", true);
            }
        }
        return all;
    }

    JsonNode check(KnownPlace place, JsonNode body) {
        Findings found = new Findings();
        new Checkup(place.connect(), place.kafka(), place.kafkaSettings()).ofDraft(draft(place, body), found);
        ArrayNode findings = Call.JSON.createArrayNode();
        found.all()
                .forEach(finding -> findings.addObject()
                        .put("good", finding.level() != Finding.Level.WRONG)
                        .put("known", finding.level() != Finding.Level.UNKNOWN)
                        .put("of", finding.of())
                        .put("sentence", finding.sentence()));
        return findings;
    }

    JsonNode difference(KnownPlace place, JsonNode body) {
        Connector draft = draft(place, body);
        Optional<Connector> running = place.connect().find(draft.name());
        ObjectNode answer = Call.JSON.createObjectNode().put("runs", running.isPresent());
        answer.set(
                "changes",
                differences(Difference.between(running.map(Connector::config).orElse(Map.of()), draft.config())));
        return answer;
    }

    static ArrayNode differences(List<Difference> differences) {
        ArrayNode changes = Call.JSON.createArrayNode();
        differences.forEach(each -> changes.add(each.json()));
        return changes;
    }

    JsonNode apply(KnownPlace place, JsonNode body) {
        Connector draft = draft(place, body);
        if (body.path("create").asBoolean()
                && place.connect().find(draft.name()).isPresent()) {
            throw new CallRefused(409, "There is a connector " + draft.name() + " already; choose another name.");
        }
        place.connect().apply(draft);
        return Call.JSON.createObjectNode().put("name", draft.name());
    }

    JsonNode preview(KnownPlace place, JsonNode body) {
        Connector draft = draft(place, body);
        if (!draft.connectorClass().equals(SLUICE)) {
            throw new CallRefused(
                    422, draft.connectorClass() + " has no routes that can be tried; " + SLUICE + " has.");
        }
        ArrayNode rows = Call.JSON.createArrayNode();
        RouteTrial.of(draft)
                .make(Messages.toTry(body.path("message")))
                .forEach(made -> rows.add(made.json(draft.name())));
        return rows;
    }

    JsonNode migrate(KnownPlace place, JsonNode body) {
        boolean anotherKafka = body.path("anotherKafka").asBoolean();
        String json = body.path("json").asText();
        boolean tbmq = json.contains("\"clientConfiguration\"");
        String topic = body.path("topic").asText();
        Migrated migrated = tbmq
                ? Tbmq.migrate(json, topic.isEmpty() ? null : topic, anotherKafka, place.connectorSettings())
                : RobustMq.migrate(
                        "kafka", json, topic.isEmpty() ? "#" : topic, anotherKafka, place.connectorSettings());
        String name = (tbmq ? Tbmq.name(json) : Optional.<String>empty()).orElse("");
        ObjectNode answer = Call.JSON
                .createObjectNode()
                .put("system", tbmq ? "TBMQ" : "RobustMQ")
                .put("name", name);
        ObjectNode config = answer.putObject("config");
        migrated.connector(name).config().forEach(config::put);
        ArrayNode notes = answer.putArray("notes");
        migrated.notes()
                .forEach(note -> notes.add(note.replace(
                        "--another-kafka has them go there", "the tick under its text has them go there")));
        if (!tbmq && topic.isEmpty()) {
            notes.add("RobustMQ names the MQTT topic beside its configuration; all topics (#) are taken until you"
                    + " narrow the filter.");
        }
        return answer;
    }

    /** What the page has, with the secrets in it that the page was never shown. */
    private static Connector draft(KnownPlace place, JsonNode body) {
        String name = body.path("name").asText().strip();
        if (name.isEmpty()) {
            throw new CallRefused(422, "The connector has no name; give it one.");
        }
        Map<String, String> config = new TreeMap<>();
        body.path("config").properties().forEach(each -> {
            if (!each.getValue().isValueNode() || each.getValue().isNull()) {
                throw new CallRefused(
                        422, each.getKey() + " is " + each.getValue().getNodeType() + "; settings are texts.");
            }
            config.put(each.getKey(), each.getValue().asText());
        });
        if (config.values().stream().anyMatch(value -> value.contains(Secrets.MASK))) {
            String from = body.path("from").asText(name);
            Map<String, String> running =
                    place.connect().find(from).map(Connector::config).orElse(Map.of());
            config.replaceAll((key, value) -> value.contains(Secrets.MASK) ? unmasked(key, value, running) : value);
        }
        return new Connector(name, config);
    }

    private static String unmasked(String key, String value, Map<String, String> running) {
        return Optional.ofNullable(running.get(key))
                .filter(secret -> Secrets.shown(key, secret).equals(value))
                .orElseThrow(() -> new CallRefused(
                        422,
                        key + " has " + Secrets.MASK
                                + " where a secret should be; type the secret, or a reference such as ${file:/path:"
                                + key + "}."));
    }
}
