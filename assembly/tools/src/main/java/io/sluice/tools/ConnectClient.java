package io.sluice.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The REST interface of a Connect worker.
 *
 * <p>Methods throw {@link WorkerRefusal} if the worker refuses, and {@link ToolException} if it does not answer within
 * half a minute, or what answers is no worker; the messages are sentences. While the workers of a group agree on who runs
 * what, a worker refuses, and requests are repeated for a minute. Thread-safe.
 */
public final class ConnectClient {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

    /** By default a group notices after ten seconds that a worker is dead, and waits a minute for one that lives. */
    private static final Duration REBALANCE = Duration.ofSeconds(60);

    /** Most rebalances are over before somebody who watches asks why nothing happens. */
    private static final Duration UNTOLD = Duration.ofSeconds(1);

    private static final long BETWEEN_TRIES_MS = 250;
    private static final int CONFLICT = 409;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int INTERNAL_ERROR = 500;

    private final URI worker;
    private final Optional<String> authorization;
    private final WorkerSentences sentences;
    private final HttpClient http;
    private final Consumer<String> watcher;

    private ConnectClient(URI worker, Optional<String> login, Optional<Path> trusted, Consumer<String> watcher) {
        this.worker = worker;
        this.authorization = login.map(
                plain -> "Basic " + Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8)));
        this.sentences = new WorkerSentences(worker);
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).followRedirects(Redirect.NEVER);
        if (!"https".equals(worker.getScheme())) {
            // without one, the client would read all certificates that Java trusts
            builder.sslContext(Trust.context());
        } else if (trusted.isPresent()) {
            builder.sslContext(Trust.context(Trust.of(trusted.get()).getTrustManagers()));
        }
        this.http = builder.build();
        this.watcher = watcher;
    }

    /**
     * A client of the worker at an address; it connects when it is asked something.
     *
     * @param address such as {@code http://localhost:8083}
     * @param login user and password with a colon between them (HTTP Basic), if the worker wants them
     * @param trusted file of certificates (PEM) that are trusted in place of those that Java trusts
     * @param watcher told, in a sentence, why the client waits
     * @throws ToolException if that is no address, or has a login in it, which a list of processes or a file would show,
     *     or if the file has no certificates
     */
    public static ConnectClient at(
            String address, Optional<String> login, Optional<Path> trusted, Consumer<String> watcher) {
        Secrets.withoutLogin(address, "--worker-login");
        return Web.address(address)
                .map(uri -> new ConnectClient(uri, login, trusted, watcher))
                .orElseThrow(() -> ToolException.usage(address
                        + " is not a worker's address; write it like http://localhost:8083 or https://HOST:PORT."));
    }

    /** The worker's version, and the id of its Kafka. */
    public JsonNode worker() {
        return get("/");
    }

    /** The clock of the worker's machine, to the second, if what answers tells it. */
    public Optional<Instant> clock() {
        return exchange("GET", "/", MissingNode.getInstance())
                .headers()
                .firstValue("Date")
                .flatMap(ConnectClient::instant);
    }

    private static Optional<Instant> instant(String date) {
        try {
            return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** The plugins that the worker has found: connectors, converters, transformations. */
    public JsonNode plugins() {
        return get("/connector-plugins?connectorsOnly=false");
    }

    /** All connectors by name, each with {@code info} and {@code status}. */
    public JsonNode connectors() {
        return get("/connectors?expand=info&expand=status");
    }

    public Optional<Connector> find(String name) {
        try {
            return Optional.of(Connector.of(name, get(path(name) + "/config")));
        } catch (WorkerRefusal e) {
            if (e.status() == NOT_FOUND && e.isOfWorker()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    public Connector connector(String name) {
        return find(name).orElseThrow(() -> sentences.noConnector(name));
    }

    public JsonNode status(String name) {
        return get(path(name) + "/status");
    }

    /** The Kafka topics that a connector has written to; none if the worker does not keep track of them. */
    public JsonNode topics(String name) {
        try {
            return get(path(name) + "/topics").path(name).path("topics");
        } catch (WorkerRefusal e) {
            if (e.status() == FORBIDDEN && e.isOfWorker()) {
                return JSON.createArrayNode();
            }
            throw e;
        }
    }

    /** Creates a connector, or gives it another configuration. */
    public void apply(Connector connector) {
        send("PUT", path(connector.name()) + "/config", JSON.valueToTree(connector.config()));
    }

    /** Creates a connector that does not run before somebody resumes it. */
    public void createStopped(Connector connector) {
        ObjectNode request =
                JSON.createObjectNode().put("name", connector.name()).put("initial_state", "STOPPED");
        send("POST", "/connectors", request.set("config", JSON.valueToTree(connector.config())));
    }

    /** What is wrong with a connector's configuration, and what each of its keys means. */
    public JsonNode validate(Connector connector) {
        return send(
                "PUT",
                "/connector-plugins/" + Web.encode(connector.connectorClass()) + "/config/validate",
                JSON.valueToTree(connector.named()));
    }

    /** Starts a connector and its tasks again, all of them or those that have failed. */
    public void restart(String name, boolean onlyFailed) {
        send("POST", path(name) + "/restart?includeTasks=true&onlyFailed=" + onlyFailed, MissingNode.getInstance());
    }

    /** Lets a connector rest: its tasks stay, and poll nothing. */
    public void pause(String name) {
        send("PUT", path(name) + "/pause", MissingNode.getInstance());
    }

    /** Lets a paused or stopped connector go on. */
    public void resume(String name) {
        send("PUT", path(name) + "/resume", MissingNode.getInstance());
    }

    /** Ends a connector's tasks; its configuration and offsets stay. */
    public void stop(String name) {
        send("PUT", path(name) + "/stop", MissingNode.getInstance());
    }

    /** Stops and forgets a connector; its offsets stay. */
    public void delete(String name) {
        send("DELETE", path(name), MissingNode.getInstance());
    }

    /** The source offsets that are stored for a connector: objects with {@code partition} and {@code offset}. */
    public JsonNode offsets(String name) {
        return get(path(name) + "/offsets").path("offsets");
    }

    /** Stores other offsets for a connector, which is stopped. */
    public void alterOffsets(String name, JsonNode offsets) {
        send("PATCH", path(name) + "/offsets", JSON.createObjectNode().set("offsets", offsets));
    }

    /** Forgets all offsets of a connector, which is stopped. */
    public void resetOffsets(String name) {
        send("DELETE", path(name) + "/offsets", MissingNode.getInstance());
    }

    private JsonNode get(String path) {
        return send("GET", path, MissingNode.getInstance());
    }

    private JsonNode send(String method, String path, JsonNode body) {
        Instant begin = Instant.now();
        boolean told = false;
        while (true) {
            try {
                return answer(path, exchange(method, path, body));
            } catch (WorkerRefusal e) {
                Duration waited = Duration.between(begin, Instant.now());
                if (!isOfRebalance(e) || waited.compareTo(REBALANCE) > 0) {
                    throw e;
                }
                if (!told && waited.compareTo(UNTOLD) > 0) {
                    told = true;
                    watcher.accept(
                            "The workers of the group have not agreed yet on who runs what; asking again for up to "
                                    + REBALANCE.toSeconds() + " s.");
                }
                Patience.pause(BETWEEN_TRIES_MS);
            }
        }
    }

    /**
     * Whether nothing was done because workers agree on who runs what, or do not know yet that the one that leads them is
     * dead. Kafka Connect has a status for that, which it does not use everywhere.
     */
    private static boolean isOfRebalance(WorkerRefusal refusal) {
        String message = String.valueOf(refusal.getMessage());
        return (refusal.status() == CONFLICT && !message.contains("already exists"))
                || (refusal.status() == INTERNAL_ERROR
                        && (message.contains("a rebalance is expected")
                                || (message.contains("trying to forward REST request")
                                        && message.contains("Connection refused"))));
    }

    private HttpResponse<String> exchange(String method, String path, JsonNode body) {
        BodyPublisher publisher =
                body.isMissingNode() ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString());
        HttpRequest.Builder request = Web.request(worker, path)
                .timeout(REQUEST_TIMEOUT)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .method(method, publisher);
        authorization.ifPresent(value -> request.header("Authorization", value));
        return Web.send(http, request.build(), sentences::noAnswer);
    }

    private JsonNode answer(String path, HttpResponse<String> response) {
        String body = response.body();
        if (response.statusCode() >= 300 && response.statusCode() < 400) {
            String address = response.headers().firstValue("Location").orElse("another address");
            throw sentences.redirect(response.statusCode(), address);
        }
        Optional<JsonNode> json = json(body);
        if (response.statusCode() >= 400) {
            throw sentences.refusal(response.statusCode(), path, json, body);
        }
        if (body.isBlank()) {
            return MissingNode.getInstance();
        }
        return json.orElseThrow(() -> sentences.noWorker(response.statusCode(), body));
    }

    private static Optional<JsonNode> json(String body) {
        try {
            JsonNode parsed = JSON.readTree(body);
            return Optional.of(parsed).filter(JsonNode::isContainerNode);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String path(String name) {
        return "/connectors/" + Web.encode(name);
    }
}
