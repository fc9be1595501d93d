package io.sluice.tools.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.thread.DaemonThreads;
import io.sluice.tools.ToolException;
import io.sluice.tools.mqtt.MqttConnection;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttSession;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A client that a page has connected to a broker, with a log of what it sent and received. It disconnects when no page has
 * watched it for two minutes. Thread-safe: one separate thread does all that the connection does.
 */
final class MqttClient {

    private static final int LOGGED = 1_000;
    private static final int LOGGED_BYTES = 65_536;
    /** Characters of one log: there may be many clients, and this program has some hundred MiB for all of them. */
    private static final int MOST_LOGGED = 4 << 20;

    private static final Duration LISTEN = Duration.ofMillis(50);
    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(10);
    private static final Duration UNWATCHED = Duration.ofMinutes(2);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);
    private static final long BETWEEN_LOOKS_MS = 100;

    private final MqttSession session;
    private final BlockingQueue<Runnable> orders = new LinkedBlockingQueue<>();
    private final Deque<Logged> log = new ArrayDeque<>();
    private long logged;
    private long last;
    private int watchers;
    private Instant watched = Instant.now();
    private boolean leaving;
    private boolean ended;

    private record Logged(ObjectNode entry, int size) {}

    MqttClient(MqttSession session, String title) {
        this.session = session;
        write("info", Call.JSON.createObjectNode().put("text", title));
        new DaemonThreads("console-mqtt").newThread(this::run).start();
    }

    private void run() {
        try (session) {
            while (!isOver()) {
                for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
                    order.run();
                }
                session.receive(LISTEN).ifPresent(message -> write("received", shown(message)));
            }
            write("info", Call.JSON.createObjectNode().put("text", "Disconnected."));
        } catch (ToolException e) {
            write("error", Call.JSON.createObjectNode().put("text", e.sentence()));
        } finally {
            end();
        }
    }

    private synchronized boolean isOver() {
        return leaving || (watchers == 0 && watched.plus(UNWATCHED).isBefore(Instant.now()));
    }

    private synchronized void end() {
        ended = true;
        for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
            order.run();
        }
    }

    synchronized boolean isEnded() {
        return ended;
    }

    JsonNode publish(JsonNode json) {
        MqttMessage message = Messages.toPublish(json);
        return order(() -> {
            session.publish(message, ACKNOWLEDGED_WITHIN);
            write("sent", shown(message));
        });
    }

    JsonNode subscribe(JsonNode json) {
        String filter = json.path("filter").asText();
        MqttConnection.checkFilter(filter);
        int qos = Messages.qos(json);
        return order(() -> {
            session.subscribe(List.of(filter), qos);
            write("info", Call.JSON.createObjectNode().put("text", "Subscribed to " + filter + "."));
        });
    }

    synchronized JsonNode disconnect() {
        leaving = true;
        return Call.JSON.createObjectNode();
    }

    private JsonNode order(Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        orders.add(() -> {
            try {
                if (isEnded()) {
                    throw new CallRefused(410, "The client is disconnected; connect again.");
                }
                work.run();
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        if (isEnded()) {
            end();
        }
        try {
            done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw e;
        }
        return Call.JSON.createObjectNode();
    }

    private static ObjectNode shown(MqttMessage message) {
        if (message.payload().length <= LOGGED_BYTES) {
            return Messages.json(message);
        }
        byte[] beginning = Arrays.copyOf(message.payload(), LOGGED_BYTES);
        return Messages.json(
                        new MqttMessage(message.topic(), beginning, message.qos(), message.retain(), message.about()))
                .put("bytes", message.payload().length);
    }

    private synchronized void write(String kind, ObjectNode entry) {
        entry.put("seq", ++last).put("time", System.currentTimeMillis()).put("kind", kind);
        log.add(new Logged(entry, entry.toString().length()));
        logged += log.getLast().size();
        while (log.size() > LOGGED || (logged > MOST_LOGGED && log.size() > 1)) {
            logged -= log.remove().size();
        }
    }

    /** Sends the log and what comes, until the client or the page is gone. */
    void watch(EventStream.Begin begin) throws IOException, InterruptedException {
        EventStream stream = begin.stream();
        synchronized (this) {
            watchers++;
        }
        try {
            long seen = 0;
            Instant sent = Instant.now();
            while (true) {
                boolean over = isEnded();
                List<ObjectNode> news = after(seen);
                for (ObjectNode entry : news) {
                    stream.send("entry", entry);
                    seen = entry.path("seq").asLong();
                }
                if (over) {
                    stream.send("ended", Call.JSON.createObjectNode());
                    return;
                }
                if (!news.isEmpty()) {
                    sent = Instant.now();
                } else if (sent.plus(KEEP_ALIVE).isBefore(Instant.now())) {
                    stream.keepAlive();
                    sent = Instant.now();
                }
                Thread.sleep(BETWEEN_LOOKS_MS);
            }
        } finally {
            synchronized (this) {
                watchers--;
                watched = Instant.now();
            }
        }
    }

    private synchronized List<ObjectNode> after(long seen) {
        return log.stream()
                .map(Logged::entry)
                .filter(entry -> entry.path("seq").asLong() > seen)
                .toList();
    }
}
