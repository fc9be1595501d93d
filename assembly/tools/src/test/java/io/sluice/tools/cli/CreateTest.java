package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CreateTest {

    private static final String INTEGRATION = """
            {"name": "off", "enabled": false, "configuration": {"topicFilters": ["a"],
             "clientConfiguration": {"topic": "t", "bootstrapServers": "localhost:9092"}}}""";

    @TempDir
    Path home;

    @Test
    void an_integration_that_is_not_enabled_does_not_run_for_a_moment() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String method = exchange.getRequestMethod();
                asked.add(method + " " + exchange.getRequestURI().getPath() + " "
                        + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                boolean absent = method.equals("GET");
                byte[] body = (absent ? "{\"error_code\": 404, \"message\": \"Connector off not found\"}" : "{}")
                        .getBytes(UTF_8);
                exchange.sendResponseHeaders(absent ? 404 : 200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        try {
            Tool.Ended ended = new Tool(home)
                    .run(
                            "connector",
                            "create",
                            "--from",
                            "tbmq",
                            "--config",
                            INTEGRATION,
                            "--worker",
                            "http://127.0.0.1:" + server.getAddress().getPort());

            assertThat(ended.exitCode()).as(ended.err()).isZero();
            assertThat(ended.err()).contains("The integration is not enabled: the connector is stopped.");
            assertThat(asked.stream().filter(request -> !request.startsWith("GET")))
                    .singleElement()
                    .asString()
                    .startsWith("POST /connectors {\"name\":\"off\",\"initial_state\":\"STOPPED\",\"config\":{");
        } finally {
            server.stop(0);
        }
    }
}
