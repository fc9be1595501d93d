package io.sluice.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import io.sluice.status.ShownProcess.Role;
import io.sluice.status.StatusEvent.Kind;
import io.sluice.status.StatusEvent.Origin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who asks, well or badly, and what is answered. */
class StatusServerTest {

    private static final String TOKEN = "0123456789abcdef";

    private final StatusBoard board = new StatusBoard();
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private StatusServer server(Optional<Path> tokens, boolean allowsDisconnect, Duration patience) throws IOException {
        StatusServer server = StatusServer.start(
                new StatusConfig(StatusAddress.of("http://127.0.0.1:0"), Optional.empty(), tokens, allowsDisconnect),
                new StatusAnswers(board, new ShownProcess(Role.STANDALONE, "1.2.3"), allowsDisconnect),
                patience);
        open.add(server);
        return server;
    }

    private StatusServer server() throws IOException {
        return server(Optional.empty(), false, StatusServer.PATIENCE);
    }

    private static Path tokens(Path dir) throws IOException {
        return Files.writeString(dir.resolve("tokens"), TOKEN);
    }

    private HttpResponse<String> get(StatusServer server, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void a_process_without_a_broker_is_alive_and_not_ready() throws Exception {
        StatusServer server = server();

        assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
        assertThat(get(server, "/health/ready").statusCode()).isEqualTo(503);
        assertThat(get(server, "/health").body())
                .isEqualTo("{\"status\":\"down\",\"checks\":["
                        + "{\"name\":\"process\",\"status\":\"up\",\"text\":\"It answers.\"},"
                        + "{\"name\":\"broker\",\"status\":\"down\",\"text\":\"It does not run yet.\"}]}");
    }

    @Test
    void the_status_says_what_the_process_is() throws Exception {
        assertThat(get(server(), "/v1/status").body())
                .matches("\\{\"version\":\"1.2.3\",\"role\":\"standalone\",\"startedAt\":\"[^\"]+\","
                        + "\"brokers\":\\[],\"connectors\":\\[]}");
    }

    @Test
    void a_page_that_is_not_there_says_which_are() throws Exception {
        HttpResponse<String> answer = get(server(), "/");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).startsWith("{\"error\":\"There is no such page: there are /health,");
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=501", "limit=-1", "after=x", "kind=rumours", "wait=30001"})
    void a_parameter_that_is_wrong_is_named(String parameter) throws Exception {
        HttpResponse<String> answer = get(server(), "/v1/events?" + parameter);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .startsWith("{\"error\":\"" + parameter.substring(0, parameter.indexOf('=')) + " must be ");
    }

    @Test
    void without_a_token_of_the_file_nothing_but_up_or_down_is_shown(@TempDir Path dir) throws Exception {
        StatusServer server = server(Optional.of(tokens(dir)), false, StatusServer.PATIENCE);

        for (String path : List.of("/metrics", "/v1/status", "/v1/events", "/v1/clients", "/v1/clients/c", "/")) {
            assertThat(get(server, path).statusCode()).as(path).isEqualTo(401);
            assertThat(get(server, path, "Authorization", "Bearer " + TOKEN + "x")
                            .statusCode())
                    .as(path)
                    .isEqualTo(401);
        }
        assertThat(get(server, "/health").body()).isEqualTo("{\"status\":\"down\"}");
        assertThat(get(server, "/health/live").body()).isEqualTo("{\"status\":\"up\"}");
        assertThat(get(server, "/v1/status", "Authorization", "Bearer " + TOKEN).statusCode())
                .isEqualTo(200);
        assertThat(get(server, "/health", "Authorization", "Bearer " + TOKEN).body())
                .contains("checks");
    }

    @Test
    void a_web_page_of_somebody_else_learns_nothing_under_its_own_name() throws Exception {
        StatusServer server = server();

        String answer = raw(server, "GET /v1/status HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 403 ").doesNotContain("version");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:9404", "127.0.0.1", "[::1]:9404"})
    void this_machine_may_be_asked_by_its_own_names(String host) throws Exception {
        assertThat(raw(server(), "GET /v1/status HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "PUT /v1/clients/c HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "DELETE /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "DELETE /v1/clients/c HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "POST /v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "nonsense\r\n\r\n"
            })
    void whatever_would_change_something_or_is_no_request_is_refused(String request) throws Exception {
        assertThat(raw(server(Optional.empty(), false, Duration.ofMillis(500)), request))
                .startsWith("HTTP/1.1 4");
    }

    @Test
    void a_header_without_end_costs_its_sender_the_connection() throws Exception {
        StatusServer server = server();
        try (Socket socket = connect(server)) {
            socket.getOutputStream().write(("GET / HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n").getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 400 ");
        }
        assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void who_sends_a_request_too_slowly_is_disconnected() throws Exception {
        StatusServer server = server(Optional.empty(), false, Duration.ofMillis(300));
        try (Socket socket = connect(server)) {
            socket.getOutputStream().write("GET /v1/status HTTP/1.1\r\nHo".getBytes(UTF_8));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void who_does_not_read_is_disconnected_and_holds_up_nobody() throws Exception {
        for (int i = 0; i < 500; i++) {
            board.events().add(Kind.ERRORS, "event", Origin.NONE, "x".repeat(2_000), Map.of());
        }
        StatusServer server = server(Optional.empty(), false, Duration.ofMillis(500));
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(1_024);
            socket.connect(new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), server.address().port()));
            socket.setSoTimeout(20_000);
            String request = "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(request.repeat(60).getBytes(UTF_8));
            assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> isClosed(socket));
        }
    }

    /** Whether the other side has closed: then a write is answered with a reset. */
    private static boolean isClosed(Socket socket) {
        try {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(UTF_8));
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void more_connections_than_there_may_be_take_the_place_of_those_that_ask_nothing() throws Exception {
        StatusServer server = server();
        List<Socket> idle = new ArrayList<>();
        for (int i = 0; i < 2 * OpenConnections.MOST; i++) {
            idle.add(connect(server));
            open.add(idle.get(i));
        }

        assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
        assertThat(idle.get(0).getInputStream().read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait=30000", "kind=errors"})
    void those_who_wait_for_events_or_do_not_read_leave_a_place_to_who_asks_for_the_health(String question)
            throws Exception {
        for (int i = 0; i < 500; i++) {
            board.events().add(Kind.ERRORS, "event", Origin.NONE, "x".repeat(2_000), Map.of());
        }
        StatusServer server = server();
        String request = "GET /v1/events?after=500&" + question + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        for (int i = 0; i < OpenConnections.MOST; i++) {
            Socket socket = new Socket();
            open.add(socket);
            socket.setReceiveBufferSize(1_024);
            socket.connect(new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), server.address().port()));
            socket.getOutputStream().write(request.getBytes(UTF_8));
        }

        for (int i = 0; i < 10; i++) {
            assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void more_requests_than_there_may_be_in_a_second_are_refused() throws Exception {
        String request = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n";
        String last = "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

        String answers = raw(server(), request.repeat(2 * RequestPace.MOST_PER_SECOND) + last);

        assertThat(answers.split("HTTP/1.1 200 ", -1)).hasSizeBetween(100, 2 * RequestPace.MOST_PER_SECOND);
        assertThat(answers).contains("HTTP/1.1 429 ");
    }

    @Test
    void a_liveness_probe_is_answered_however_much_is_asked() throws Exception {
        String many = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2 * RequestPace.MOST_PER_SECOND);
        String probes = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(RequestPace.MOST_PER_SECOND);
        String last = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

        String answers = raw(server(), many + probes + last);

        assertThat(answers).contains("HTTP/1.1 429 ");
        assertThat(answers.substring(answers.lastIndexOf("HTTP/1.1 429 ")).split("HTTP/1.1 200 ", -1))
                .as("of the probes")
                .hasSizeGreaterThan(RequestPace.MOST_PER_SECOND);
    }

    @Test
    void who_waits_for_events_hears_of_the_next_at_once() throws Exception {
        StatusServer server = server();
        CompletableFuture<HttpResponse<String>> next = http.sendAsync(
                HttpRequest.newBuilder(URI.create(server.address() + "/v1/events?after=0&kind=errors&wait=30000"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        while (!next.isDone()) {
            board.events().add(Kind.LIFECYCLE, "other", Origin.NONE, "Nobody waits for it.", Map.of());
            board.events()
                    .add(
                            Kind.ERRORS,
                            "task.failed",
                            Origin.task("c", 2),
                            "It broke \ud83d off.",
                            Map.of("n", 1, "of", List.of("a")));
            assertThat(next.orTimeout(10, TimeUnit.SECONDS).get().statusCode()).isEqualTo(200);
        }

        String body = next.get().body();
        new JsonFactory().createParser(body).skipChildren();
        assertThat(body)
                .contains("\"kind\":\"errors\",\"event\":\"task.failed\",\"connector\":\"c\",\"task\":2,")
                .contains("\"n\":1")
                .contains("\"of\":[\"a\"]")
                .doesNotContain("Nobody");
    }

    @Test
    void who_waits_for_events_is_answered_when_the_time_is_over() throws Exception {
        assertThat(get(server(), "/v1/events?after=0&wait=100").body())
                .contains("\"first\":1,\"last\":0,")
                .contains("\"events\":[]");
    }

    @Test
    void an_address_that_others_have_is_tried_again_until_it_is_free() throws Exception {
        StatusServer other = server();
        StatusConfig config = new StatusConfig(other.address(), Optional.empty(), Optional.empty(), false);
        List<String> told = new ArrayList<>();
        ShownProcess process = new ShownProcess(Role.WORKER, "1");
        assertThatThrownBy(() -> StatusListener.acquire(config, process))
                .isInstanceOf(StatusException.class)
                .hasMessageStartingWith("The status cannot be served at " + other.address() + ": ");

        try (StatusListener listener = StatusListener.acquireWhenFree(config, process, told::add)) {
            assertThat(told).singleElement().asString().endsWith(". It is tried again every 2 seconds.");
            assertThat(listener.uri()).isEmpty();
            other.close();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> listener.uri().isPresent());
        }
    }

    @Test
    void users_of_an_address_share_it_until_the_last_has_left_and_others_settings_are_refused(@TempDir Path dir)
            throws Exception {
        StatusConfig config =
                new StatusConfig(StatusAddress.of("http://127.0.0.1:0"), Optional.empty(), Optional.empty(), false);
        ShownProcess process = new ShownProcess(Role.WORKER, "1");
        StatusListener one = StatusListener.acquire(config, process);
        StatusListener two = StatusListener.acquire(config, process);
        URI live = URI.create(one.uri().orElseThrow() + "/health/live");

        assertThat(two.uri()).isEqualTo(one.uri());
        assertThatThrownBy(() -> StatusListener.acquire(
                        new StatusConfig(config.listener(), Optional.empty(), Optional.of(tokens(dir)), false),
                        process))
                .isInstanceOf(StatusException.class)
                .hasMessageContaining("with other settings");
        one.close();
        one.close();
        assertThat(http.send(HttpRequest.newBuilder(live).build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        two.close();
        // The client keeps a connection, which ends a moment after the listener.
        Awaitility.await()
                .untilAsserted(() -> assertThatThrownBy(() ->
                                http.send(HttpRequest.newBuilder(live).build(), HttpResponse.BodyHandlers.ofString()))
                        .isInstanceOf(IOException.class));
    }

    private static Socket connect(StatusServer server) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Sends bytes, and reads until the other side closes. */
    private static String raw(StatusServer server, String request) throws IOException {
        try (Socket socket = connect(server)) {
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
