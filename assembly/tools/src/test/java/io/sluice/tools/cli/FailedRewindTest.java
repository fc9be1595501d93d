package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that refuses other offsets, which a real one does only when something is wrong with it. */
class FailedRewindTest {

    private static final String RUNNING =
            "{\"connector\": {\"state\": \"RUNNING\"}, \"tasks\": [{\"id\": 0, \"state\": \"RUNNING\"}]}";
    private static final String STOPPED = "{\"connector\": {\"state\": \"STOPPED\"}, \"tasks\": []}";

    @TempDir
    Path home;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private String otherBuffer = "one";
    private boolean resumes = true;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/connectors/a/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void a_connector_goes_on_when_a_rewind_or_a_reset_fails() {
        assertThat(run("rewind", "a", "--to", "5")).isEqualTo("The worker refuses: broken\n");
        assertThat(asked).containsSubsequence("PUT stop", "PATCH offsets", "PUT resume");
        asked.clear();

        assertThat(run("reset", "a")).isEqualTo("The worker refuses: broken\n");
        assertThat(asked).containsSubsequence("PUT stop", "DELETE offsets", "PUT resume");
    }

    @Test
    void a_connector_that_stays_stopped_is_said() {
        resumes = false;

        assertThat(run("rewind", "a", "--to", "5"))
                .isEqualTo(
                        "The worker refuses: broken The connector a is stopped; `sluice connector resume a` lets it go"
                                + " on.\n");
    }

    @Test
    void a_position_is_refused_for_several_buffers_before_anything_is_stopped() {
        otherBuffer = "two";

        assertThat(run("rewind", "a", "--to", "5"))
                .isEqualTo(
                        "--to 5 is a position in one buffer, and the connector a has read from several (one, two); only"
                                + " --to earliest fits them all.\n");
        assertThat(asked).containsExactly("GET offsets");
    }

    private String run(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "offsets";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[all.length - 2] = "--worker";
        all[all.length - 1] = "http://127.0.0.1:" + server.getAddress().getPort();
        Tool.Ended ended = new Tool(home).run(all);
        assertThat(ended.exitCode()).isNotZero();
        return ended.err().replace(System.lineSeparator(), "\n");
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath().substring("/connectors/a/".length());
            String request = exchange.getRequestMethod() + " " + path;
            boolean stopped = asked.contains("PUT stop");
            asked.add(request);
            String lane = "{\"partition\": {\"buffer\": \"%s\", \"lane\": 0}, \"offset\": {\"position\": 9}}";
            String text = switch (request) {
                case "GET status" -> stopped ? STOPPED : RUNNING;
                case "GET offsets" ->
                    "{\"offsets\": [" + lane.formatted("one") + ", " + lane.formatted(otherBuffer) + "]}";
                default -> "";
            };
            boolean refused = request.endsWith("H offsets")
                    || request.startsWith("DELETE")
                    || (request.equals("PUT resume") && !resumes);
            byte[] body = (refused ? "{\"error_code\": 500, \"message\": \"broken\"}" : text).getBytes(UTF_8);
            exchange.sendResponseHeaders(refused ? 500 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
