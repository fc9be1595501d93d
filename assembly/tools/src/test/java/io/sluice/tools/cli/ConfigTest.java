package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {

    private static final String CONFIG = "{\"name\": \"a\", \"x\": \"%{A} %%{B} %{ %} {c} ${d:e} 5%\"}";

    @TempDir
    Path home;

    @Test
    void what_is_printed_of_a_connector_is_the_same_when_it_is_read_again() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/connectors/a/config", exchange -> {
            try (exchange) {
                byte[] body = CONFIG.getBytes(UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        try {
            String worker = "http://127.0.0.1:" + server.getAddress().getPort();
            Tool tool = new Tool(home).with("SLUICE_WORKER", worker);

            String printed = tool.run("connector", "config", "a").out();
            Tool.Ended compared = tool.runWith(printed, "connector", "diff", "-f", "-");

            assertThat(compared.err()).isEmpty();
            assertThat(compared.out()).isEqualTo("a: the same\n");
        } finally {
            server.stop(0);
        }
    }
}
