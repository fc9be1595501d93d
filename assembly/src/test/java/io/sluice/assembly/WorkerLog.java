package io.sluice.assembly;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.testkit.ConnectWorker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;

/** What a worker has logged, over all its starts. */
record WorkerLog(ConnectWorker worker) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String EVENT = "{\"event\":\"";

    List<String> lines() {
        try {
            return Files.readAllLines(worker.log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The events of that name that a connector has told. */
    List<JsonNode> events(String name, String connector) {
        return lines().stream()
                .filter(line -> line.contains(EVENT + name + "\""))
                .map(line -> parse(line.substring(line.indexOf(EVENT))))
                .filter(event -> event.path("connector").asText().equals(connector))
                .toList();
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
