package io.sluice.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * The REST interface of a Connect worker.
 *
 * <p>Methods throw {@link ConnectRestException} if the worker refuses, and {@link UncheckedIOException} if it does not
 * answer. Thread-safe.
 */
public final class ConnectRest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(90);
    private static final Duration SETTLING = Duration.ofSeconds(60);
    private static final Duration SETTLING_INTERVAL = Duration.ofMillis(100);

    private final String url;
    private final HttpClient http = HttpClient.newHttpClient();

    /** The worker that listens at an address such as {@code http://127.0.0.1:8083}. */
    public ConnectRest(String url) {
        this.url = url;
    }

    public String url() {
        return url;
    }

    /** Whether the worker has started and can serve (KIP-1017). */
    public boolean isHealthy() {
        return get("/health").path("status").asText().equals("healthy");
    }

    /** The plugins that the worker has found: connectors, converters, transformations. */
    public JsonNode plugins() {
        return get("/connector-plugins?connectorsOnly=false");
    }

    public void create(String connector, Map<String, String> config) {
        send(
                "POST",
                "/connectors",
                JSON.createObjectNode().put("name", connector).set("config", JSON.valueToTree(config)));
    }

    /** Changes a connector's configuration, or creates it. */
    public void configure(String connector, Map<String, String> config) {
        send("PUT", "/connectors/" + encode(connector) + "/config", JSON.valueToTree(config));
    }

    /** What is wrong with a configuration, and what each of its keys means. */
    public JsonNode validate(String connector, Map<String, String> config) {
        String type = config.getOrDefault("connector.class", "");
        ObjectNode named = JSON.<ObjectNode>valueToTree(config).put("name", connector);
        return send("PUT", "/connector-plugins/" + encode(type) + "/config/validate", named);
    }

    /** The configuration of a connector, in which references to a config provider stay what they are. */
    public JsonNode config(String connector) {
        return get("/connectors/" + encode(connector) + "/config");
    }

    /**
     * Changes what the worker logs, until it ends.
     *
     * @param logger name of a logger, or {@code root}
     * @param level such as {@code TRACE}
     */
    public void log(String logger, String level) {
        send("PUT", "/admin/loggers/" + encode(logger), JSON.createObjectNode().put("level", level));
    }

    public JsonNode status(String connector) {
        return get("/connectors/" + encode(connector) + "/status");
    }

    /** Starts what has failed of a connector again, itself or tasks of it: Kafka Connect leaves that to its operator. */
    public void restartFailed(String connector) {
        send(
                "POST",
                "/connectors/" + encode(connector) + "/restart?includeTasks=true&onlyFailed=true",
                MissingNode.getInstance());
    }

    /** Lets a connector rest: its tasks stay, and poll nothing. */
    public void pause(String connector) {
        send("PUT", "/connectors/" + encode(connector) + "/pause", MissingNode.getInstance());
    }

    public void resume(String connector) {
        send("PUT", "/connectors/" + encode(connector) + "/resume", MissingNode.getInstance());
    }

    /** Stops and forgets a connector; its offsets stay. */
    public void delete(String connector) {
        send("DELETE", "/connectors/" + encode(connector), MissingNode.getInstance());
    }

    /**
     * Waits until a connector and at least one task of it run.
     *
     * @throws IllegalStateException if it, or a task, has failed
     */
    public void awaitRunning(String connector, Duration timeout) {
        await(timeout, () -> isRunning(connector, status(connector)));
    }

    /** Waits until all tasks of a connector rest. */
    public void awaitPaused(String connector, Duration timeout) {
        await(
                timeout,
                () -> status(connector).findValuesAsText("state").stream().allMatch("PAUSED"::equals));
    }

    private static void await(Duration timeout, Callable<Boolean> condition) {
        Awaitility.await()
                .pollInSameThread()
                .pollInterval(Duration.ofMillis(50))
                .atMost(timeout)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .until(condition);
    }

    private static boolean isRunning(String connector, JsonNode status) {
        JsonNode tasks = status.path("tasks");
        if (isFailed(status.path("connector"))) {
            throw new IllegalStateException("The connector " + connector + " failed: "
                    + status.at("/connector/trace").asText());
        }
        boolean running = status.at("/connector/state").asText().equals("RUNNING") && !tasks.isEmpty();
        for (JsonNode task : tasks) {
            if (isFailed(task)) {
                throw new IllegalStateException("Task " + task.path("id") + " of the connector " + connector
                        + " failed: " + task.path("trace").asText());
            }
            running &= task.path("state").asText().equals("RUNNING");
        }
        return running;
    }

    private static boolean isFailed(JsonNode state) {
        return state.path("state").asText().equals("FAILED");
    }

    private JsonNode get(String path) {
        return send("GET", path, MissingNode.getInstance());
    }

    /** Sends again what a worker could not do for a moment: its group has not yet settled on a leader that lives. */
    private JsonNode send(String method, String path, JsonNode body) {
        long end = System.nanoTime() + SETTLING.toNanos();
        while (true) {
            try {
                return sendOnce(method, path, body);
            } catch (ConnectRestException e) {
                if (!isPassing(e) || System.nanoTime() - end > 0) {
                    throw e;
                }
                LockSupport.parkNanos(SETTLING_INTERVAL.toNanos());
            }
        }
    }

    /** Whether nothing has been done, and will be a little later. */
    private static boolean isPassing(ConnectRestException refusal) {
        String message = String.valueOf(refusal.getMessage());
        return message.contains("Cannot complete request momentarily")
                || message.contains("because a rebalance is expected")
                || message.contains("Cannot complete request because of a conflicting operation")
                || (message.contains("trying to forward REST request") && message.contains("Connection refused"));
    }

    private JsonNode sendOnce(String method, String path, JsonNode body) {
        BodyPublisher publisher =
                body.isMissingNode() ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString());
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(REQUEST_TIMEOUT)
                .header("Content-Type", "application/json")
                .method(method, publisher)
                .build();
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            JsonNode answer = JSON.readTree(response.body());
            if (response.statusCode() >= 400) {
                throw new ConnectRestException(answer.path("message").asText());
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + url + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for " + url + path, e);
        }
    }

    private static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
