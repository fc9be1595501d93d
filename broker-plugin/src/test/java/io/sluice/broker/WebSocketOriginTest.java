package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.door.Listener;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose pages may open WebSockets. */
class WebSocketOriginTest {

    @ParameterizedTest
    @CsvSource({"http://evil.example, 403", "http://127.0.0.1:8080, 101", "null, 403", ", 101"})
    void a_websocket_is_opened_only_for_pages_of_the_brokers_own_host(@Nullable String origin, String status)
            throws Exception {
        assertUpgrade(new TestBroker.Wanted(), origin, status);
    }

    @ParameterizedTest
    @CsvSource({
        "https://shop.example, 101",
        "https://SHOP.example, 101",
        "https://shop.example:8443, 403",
        "http://shop.example, 403",
        "https://evil.shop.example, 403",
        "http://127.0.0.1:8080, 101",
        ", 101"
    })
    void a_websocket_is_opened_for_pages_of_named_origins_too(@Nullable String origin, String status) throws Exception {
        assertUpgrade(
                new TestBroker.Wanted().webSocketOrigins("https://other.example", "https://shop.example"),
                origin,
                status);
    }

    @ParameterizedTest
    @CsvSource({"http://anybody.example, 101", "null, 101"})
    void a_websocket_is_opened_for_pages_of_any_origin_if_that_is_wanted(String origin, String status)
            throws Exception {
        assertUpgrade(new TestBroker.Wanted().webSocketOrigins("*"), origin, status);
    }

    private static void assertUpgrade(TestBroker.Wanted wanted, @Nullable String origin, String status)
            throws Exception {
        try (TestBroker broker = wanted.start();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.port(Listener.Transport.WS))) {
            String request = "GET /mqtt HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Protocol: mqtt\r\n"
                    + (origin == null ? "" : "Origin: " + origin + "\r\n")
                    + "\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            BufferedReader answer = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            assertThat(answer.readLine()).startsWith("HTTP/1.1 " + status);
        }
    }
}
