package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ConnectedClients;
import io.sluice.tools.ProcessEvents;
import io.sluice.tools.StatusClient;
import io.sluice.tools.ToolException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What has happened, and who is connected, as the status listeners of a context tell. */
final class Happenings {

    private static final int AT_A_TIME = 500;
    private static final int MOST_CLIENTS = 500;
    private static final long BETWEEN_LOOKS_MS = 1_000;
    private static final long BETWEEN_TRIES_MS = 3_000;

    private Happenings() {}

    /** How far the page has read what a listener tells. */
    private record Read(String startedAt, long last) {

        static final Read NOTHING = new Read("", 0);
    }

    /** Sends the events of a connector and of no connector, oldest first, until the page is closed. */
    static void watch(KnownPlace place, String connector, EventStream.Begin begin)
            throws IOException, InterruptedException {
        EventStream stream = begin.stream();
        Map<StatusClient, Read> read = new HashMap<>();
        while (true) {
            List<String> failures = new ArrayList<>();
            int sent = 0;
            for (StatusClient listener : place.listeners()) {
                try {
                    Read before = read.getOrDefault(listener, Read.NOTHING);
                    ProcessEvents news = listener.events(before.last(), AT_A_TIME, Optional.empty(), Duration.ZERO);
                    if (!before.startedAt().isEmpty() && !before.startedAt().equals(news.startedAt())) {
                        before = Read.NOTHING;
                        news = listener.events(0, AT_A_TIME, Optional.empty(), Duration.ZERO);
                    }
                    sent += send(stream, listener, connector, news);
                    long last = news.events().isEmpty()
                            ? Math.max(before.last(), 0)
                            : news.events().get(news.events().size() - 1).seq();
                    read.put(listener, new Read(news.startedAt(), last));
                } catch (ToolException e) {
                    failures.add(e.sentence());
                }
            }
            if (failures.isEmpty()) {
                stream.send("alive", Call.JSON.createObjectNode());
            } else {
                stream.send("away", Call.JSON.createObjectNode().put("error", failures.get(0)));
            }
            Thread.sleep(failures.isEmpty() ? (sent == AT_A_TIME ? 0 : BETWEEN_LOOKS_MS) : BETWEEN_TRIES_MS);
        }
    }

    private static int send(EventStream stream, StatusClient listener, String connector, ProcessEvents news)
            throws IOException {
        for (ProcessEvents.Event event : news.events()) {
            if (event.connector() == null || connector.equals(event.connector())) {
                ObjectNode json = Call.JSON.valueToTree(event);
                json.put("id", listener.listener() + " " + news.startedAt() + " " + event.seq());
                stream.send("event", json);
            }
        }
        return news.events().size();
    }

    static JsonNode clients(KnownPlace place) {
        ObjectNode answer = Call.JSON.createObjectNode();
        long total = 0;
        ArrayNode clients = answer.putArray("clients");
        ArrayNode failures = answer.putArray("failures");
        for (StatusClient listener : place.listeners()) {
            try {
                ConnectedClients connected = listener.clients(MOST_CLIENTS);
                total += connected.total();
                connected.clients().forEach(client -> {
                    ObjectNode json = Call.JSON.valueToTree(client);
                    clients.add(json.put("listener", listener.listener().toString()));
                });
            } catch (ToolException e) {
                failures.add(e.sentence());
            }
        }
        answer.put("total", total);
        return answer;
    }

    /** Disconnects a client, if its listener allows it. */
    static JsonNode disconnect(KnownPlace place, JsonNode body) {
        String id = body.path("clientId").asText();
        StatusClient listener = place.listeners().stream()
                .filter(each ->
                        each.listener().toString().equals(body.path("listener").asText()))
                .findFirst()
                .orElseThrow(() -> new CallRefused(422, "The context has no such status listener."));
        if (!listener.disconnect(id)) {
            throw new CallRefused(404, "The client " + id + " is not connected.");
        }
        return Call.JSON.createObjectNode();
    }
}
