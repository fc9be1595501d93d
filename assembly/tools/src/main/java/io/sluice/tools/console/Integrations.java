package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.Difference;
import io.sluice.tools.Secrets;
import io.sluice.tools.States;
import io.sluice.tools.ToolException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The connectors of workers as the page shows them. Thread-safe. */
final class Integrations {

    private static final Duration FRESH = Duration.ofMillis(1_500);
    private static final long BETWEEN_LOOKS_MS = 2_000;

    private final Map<String, Look> looks = new HashMap<>();

    /** What was first seen of each connector, by context and name. */
    private final Map<List<String>, Map<String, String>> first = new HashMap<>();

    /** A worker's answer, or that it gives none, which many pages may want at a time. */
    private static final class Look {
        private Instant at = Instant.EPOCH;
        private ObjectNode list = Call.JSON.createObjectNode();
        private Optional<ToolException> failure = Optional.empty();
        private final Telemetry telemetry = new Telemetry();
    }

    /** Sends all connectors again and again, or why the worker does not answer, until the page is closed. */
    void watch(KnownPlace place, EventStream.Begin begin) throws IOException, InterruptedException {
        EventStream stream = begin.stream();
        while (true) {
            try {
                stream.send("list", list(place));
            } catch (ToolException e) {
                stream.send("away", Call.JSON.createObjectNode().put("error", e.sentence()));
            }
            Thread.sleep(BETWEEN_LOOKS_MS);
        }
    }

    /** The last ten minutes of a connector in which somebody looked. */
    JsonNode history(KnownPlace place, String name) {
        return look(place).telemetry.history(name);
    }

    private Look look(KnownPlace place) {
        synchronized (looks) {
            return looks.computeIfAbsent(place.name(), name -> new Look());
        }
    }

    private JsonNode list(KnownPlace place) {
        Look look = look(place);
        synchronized (look) {
            if (look.at.plus(FRESH).isBefore(Instant.now())) {
                look.telemetry.refresh(place);
                try {
                    look.list = fetch(place, look.telemetry);
                    look.failure = Optional.empty();
                } catch (ToolException e) {
                    look.failure = Optional.of(e);
                }
                look.at = Instant.now();
            }
            if (look.failure.isPresent()) {
                throw look.failure.get();
            }
            return look.list;
        }
    }

    private ObjectNode fetch(KnownPlace place, Telemetry telemetry) {
        ObjectNode list = Call.JSON.createObjectNode().put("at", System.currentTimeMillis());
        ArrayNode connectors = list.putArray("connectors");
        JsonNode all = place.connect().connectors();
        Map<String, JsonNode> sorted = new TreeMap<>();
        all.properties().forEach(each -> sorted.put(each.getKey(), each.getValue()));
        sorted.forEach((name, connector) -> {
            Map<String, String> config =
                    Connector.of(name, connector.at("/info/config")).config();
            remember(place, name, config);
            ObjectNode row = row(name, config, connector.path("status"));
            telemetry.now(name).ifPresent(now -> row.set("live", now));
            connectors.add(row);
        });
        telemetry.failure().ifPresent(sentence -> list.put("statusFailure", sentence));
        return list;
    }

    private static ObjectNode row(String name, Map<String, String> config, JsonNode status) {
        String type = config.getOrDefault("connector.class", "");
        ObjectNode row = Call.JSON
                .createObjectNode()
                .put("name", name)
                .put("class", type.substring(type.lastIndexOf('.') + 1))
                .put("kind", status.path("type").asText())
                .put("state", States.summary(status))
                .put("tasks", States.tasks(status))
                .put("filters", config.getOrDefault("topic.filters", ""))
                .put("topic", config.getOrDefault("kafka.topic", ""));
        States.failure(status).ifPresent(failure -> row.put("failure", failure));
        ArrayNode traces = row.putArray("traces");
        trace(traces, "connector", status.path("connector"));
        status.path("tasks")
                .forEach(task -> trace(traces, "task " + task.path("id").asText(), task));
        return row;
    }

    private static void trace(ArrayNode traces, String of, JsonNode part) {
        if (part.hasNonNull("trace")) {
            traces.addObject()
                    .put("of", of)
                    .put("worker", part.path("worker_id").asText())
                    .put("trace", part.path("trace").asText());
        }
    }

    JsonNode one(KnownPlace place, String name) {
        ConnectClient connect = place.connect();
        Connector connector = connect.connector(name);
        JsonNode status = connect.status(name);
        Map<String, String> before = remember(place, name, connector.config());
        ObjectNode one = row(name, connector.config(), status);
        one.put("type", connector.connectorClass());
        one.set("connector", status.path("connector"));
        one.set("taskList", status.path("tasks"));
        one.set("topics", connect.topics(name));
        ObjectNode config = one.putObject("config");
        connector.config().forEach((key, value) -> config.put(key, Secrets.shown(key, value)));
        one.set("changes", Drafts.differences(Difference.between(before, connector.config())));
        return one;
    }

    /** What a connector was like when it was seen first. */
    private synchronized Map<String, String> remember(KnownPlace place, String name, Map<String, String> config) {
        return first.computeIfAbsent(List.of(place.name(), name), key -> Map.copyOf(config));
    }
}
