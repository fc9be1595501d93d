package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker on which somebody deletes a connector while it is looked at. */
class DoctorTest {

    private static final String LIST = """
            {"gone": {"info": {"config": {"connector.class": "io.sluice.connect.MqttSourceConnector"}}}}""";

    @TempDir
    Path home;

    @Test
    void a_connector_that_is_deleted_meanwhile_ends_nothing_else() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String path = exchange.getRequestURI().getPath();
                boolean gone = path.startsWith("/connectors/");
                String answer = gone
                        ? "{\"error_code\": 404, \"message\": \"Connector gone not found\"}"
                        : path.equals("/connectors") ? LIST : path.equals("/") ? "{\"version\": \"4.3.1\"}" : "[]";
                byte[] body = answer.getBytes(UTF_8);
                exchange.sendResponseHeaders(gone ? 404 : 200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        try {
            String worker = "http://127.0.0.1:" + server.getAddress().getPort();

            Tool.Ended ended = new Tool(home).run("doctor", "--worker", worker);

            assertThat(ended.out())
                    .contains("The worker has no connector of Sluice.")
                    .doesNotContain("Start it, or name the right one.");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void a_worker_that_fails_while_it_is_asked_does_not_take_the_findings_with_it() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String path = exchange.getRequestURI().getPath();
                boolean fails = path.endsWith("/config") && asked.incrementAndGet() > 1;
                String answer = fails
                        ? "{\"error_code\": 500, \"message\": \"broken\"}"
                        : path.equals("/connectors")
                                ? LIST
                                : path.endsWith("plugins") ? "[]" : "{\"version\": \"4.3.1\"}";
                byte[] body = answer.getBytes(UTF_8);
                exchange.sendResponseHeaders(fails ? 500 : 200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        try {
            Path bundle = Files.createFile(home.resolve("bundle.zip"));

            Tool.Ended ended = new Tool(home)
                    .run(
                            "doctor",
                            "--worker",
                            "http://127.0.0.1:" + server.getAddress().getPort(),
                            "--kafka",
                            "127.0.0.1",
                            "--bundle",
                            bundle.toString());

            assertThat(ended.out())
                    .contains("It answers, and is of Kafka Connect 4.3.1.", "The worker refuses: broken");
            assertThat(ended.err()).startsWith("There is a file " + bundle + " already; name another one.");
            assertThat(ended.exitCode()).isEqualTo(2);
        } finally {
            server.stop(0);
        }
    }
}
