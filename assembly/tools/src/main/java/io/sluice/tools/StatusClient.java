package io.sluice.tools;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The status listener of a worker or of a standalone broker ({@code status.listener}).
 *
 * <p>Methods throw {@link ToolException} if it does not answer within ten seconds, refuses, or is no such listener; the
 * messages are sentences. Thread-safe.
 */
public final class StatusClient {

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;

    private final URI listener;
    private final Optional<String> token;
    private final HttpClient http;

    private record Refusal(String error) {}

    private record Disconnected(int disconnected) {}

    /**
     * A client; it connects when it is asked something.
     *
     * @param listener address such as {@code http://localhost:9404}
     * @param token that the listener asks for, if it does
     */
    public StatusClient(URI listener, Optional<String> token) {
        this.listener = listener;
        this.token = token;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .followRedirects(Redirect.NEVER)
                .build();
    }

    /**
     * The addresses in a list with commas.
     *
     * @throws ToolException if one is none, or has a login in it
     */
    public static List<URI> addresses(String list) {
        return Arrays.stream(list.split(",", -1))
                .map(address -> uri(address.strip()))
                .toList();
    }

    private static URI uri(String address) {
        Secrets.withoutLogin(address, "--status-token");
        return Web.address(address)
                .orElseThrow(() -> ToolException.usage(
                        "'" + address + "' is no address of a status listener; write it like http://localhost:9404 or"
                                + " https://HOST:PORT."));
    }

    public URI listener() {
        return listener;
    }

    public ProcessStatus status() {
        return read(get("/v1/status", Duration.ZERO), ProcessStatus.class);
    }

    /**
     * What has happened behind a number.
     *
     * @param limit how many at most, 1 to 500
     * @param kind lifecycle, statistics or errors; empty: all
     * @param wait how long to wait for one if there is none, up to half a minute
     */
    public ProcessEvents events(long after, int limit, Optional<String> kind, Duration wait) {
        String query = "?after=" + after + "&limit=" + limit + "&wait=" + wait.toMillis()
                + kind.map(one -> "&kind=" + Web.encode(one)).orElse("");
        return read(get("/v1/events" + query, wait), ProcessEvents.class);
    }

    /**
     * Some of the MQTT clients that are connected.
     *
     * @param limit how many at most, 1 to 1,000
     */
    public ConnectedClients clients(int limit) {
        return read(get("/v1/clients?limit=" + limit, Duration.ZERO), ConnectedClients.class);
    }

    /**
     * Disconnects an MQTT client; its session stays.
     *
     * @return false if it is not connected
     */
    public boolean disconnect(String clientId) {
        HttpResponse<String> answer = send("DELETE", "/v1/clients/" + Web.encode(clientId), Duration.ZERO);
        return !(answer.statusCode() == NOT_FOUND && refusal(answer).isPresent())
                && read(accepted(answer), Disconnected.class).disconnected() > 0;
    }

    private HttpResponse<String> get(String path, Duration wait) {
        return accepted(send("GET", path, wait));
    }

    private HttpResponse<String> send(String method, String path, Duration wait) {
        HttpRequest.Builder request =
                Web.request(listener, path).timeout(TIMEOUT.plus(wait)).method(method, BodyPublishers.noBody());
        token.ifPresent(shown -> put(request, shown));
        return Web.send(http, request.build(), this::noAnswer);
    }

    /** What Java says of a header that cannot be sent shows it. */
    private void put(HttpRequest.Builder request, String shown) {
        try {
            request.header("Authorization", "Bearer " + shown);
        } catch (IllegalArgumentException e) {
            throw ToolException.usage("The token for the status listener at " + listener
                    + " has a character that HTTP does not carry; it is printable ASCII.");
        }
    }

    private ToolException noAnswer(String reason, Exception cause) {
        return ToolException.unreachable(
                "The status listener at " + listener + " does not answer: " + reason
                        + ". Set status.listener in the connector, or sluice.status.listener in the standalone broker; another"
                        + " address is given with --status, SLUICE_STATUS or a context.",
                cause);
    }

    private HttpResponse<String> accepted(HttpResponse<String> answer) {
        if (answer.statusCode() == OK) {
            return answer;
        }
        if (answer.statusCode() == UNAUTHORIZED) {
            throw ToolException.failed("The status listener at " + listener
                    + (token.isPresent() ? " does not know the token" : " asks for a token")
                    + "; give one of its status.token.file with --status-token env:NAME or file:PATH.");
        }
        throw ToolException.failed(refusal(answer)
                .map(sentence -> "The status listener at " + listener + " refuses: " + sentence + ".")
                .orElse("What answers at " + listener + " is no status listener: it sends HTTP " + answer.statusCode()
                        + "."));
    }

    private static Optional<String> refusal(HttpResponse<String> answer) {
        try {
            return Optional.ofNullable(JSON.readValue(answer.body(), Refusal.class))
                    .map(Refusal::error);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private <T> T read(HttpResponse<String> answer, Class<T> type) {
        try {
            return Objects.requireNonNull(JSON.readValue(answer.body(), type));
        } catch (IOException | NullPointerException e) {
            throw ToolException.failed(
                    "What answers at " + listener + " is no status listener: it sends text that is not its JSON.", e);
        }
    }
}
