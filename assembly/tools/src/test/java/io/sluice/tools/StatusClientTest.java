package io.sluice.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers with 200 and is no status listener. */
class StatusClientTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"status\": \"UP\"}", "<html></html>"})
    void an_answer_of_something_else_is_a_sentence(String answer) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                byte[] body = answer.getBytes(UTF_8);
                exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        try {
            URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
            StatusClient client = new StatusClient(address, Optional.empty());
            String sentence =
                    "What answers at " + address + " is no status listener: it sends text that is not its JSON.";

            assertThatExceptionOfType(ToolException.class)
                    .isThrownBy(client::status)
                    .withMessage(sentence);
            assertThatExceptionOfType(ToolException.class)
                    .isThrownBy(() -> client.events(0, 1, Optional.empty(), Duration.ZERO))
                    .withMessage(sentence);
            assertThatExceptionOfType(ToolException.class)
                    .isThrownBy(() -> client.clients(1))
                    .withMessage(sentence);
        } finally {
            server.stop(0);
        }
    }
}
