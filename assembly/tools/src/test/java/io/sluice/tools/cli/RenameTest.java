package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker on which a connector takes its time to stop, and somebody who has no patience. */
class RenameTest {

    @TempDir
    Path home;

    @Test
    void a_connector_goes_on_when_the_program_is_told_to_end_before_it_has_another_name() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String path = exchange.getRequestURI().getPath();
                asked.add(exchange.getRequestMethod() + " " + path);
                boolean absent = path.startsWith("/connectors/b/");
                byte[] body = (absent
                                ? "{\"error_code\": 404, \"message\": \"Connector b not found\"}"
                                : "{\"connector\": {\"state\": \"RUNNING\"}, \"tasks\": [{\"state\": \"RUNNING\"}]}")
                        .getBytes(UTF_8);
                exchange.sendResponseHeaders(absent ? 404 : 200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        Process sluice = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Sluice.class.getName(),
                        "connector",
                        "rename",
                        "a",
                        "b",
                        "--worker",
                        "http://127.0.0.1:" + server.getAddress().getPort())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("output").toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> asked.contains("PUT /connectors/a/stop"));

            sluice.destroy();

            assertThat(sluice.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(asked).containsSubsequence("PUT /connectors/a/stop", "PUT /connectors/a/resume");
        } finally {
            sluice.destroyForcibly();
            server.stop(0);
        }
    }
}
