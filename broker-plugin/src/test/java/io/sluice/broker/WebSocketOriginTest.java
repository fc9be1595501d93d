package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.door.transport.Listener;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

    /** Whoever owns a name can let it point to the broker's address in the network of whoever visits its pages. */
    @ParameterizedTest
    @CsvSource({"http://evil.example, 403", "http://broker.local:8080, 403", "http://localhost:3000, 403"})
    void a_name_that_origin_and_host_share_does_not_open_a_websocket_without_tls(String origin, String status)
            throws Exception {
        assertUpgrade(new TestBroker.Wanted(), "evil.example", origin, status);
        assertUpgrade(new TestBroker.Wanted(), "broker.local", origin, status);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, http://localhost:3000, 101",
        "127.0.0.1:8083, http://127.0.0.1, 101",
        "[::1]:8083, http://[::1]:3000, 101",
        "[::1]:8083, http://127.0.0.1, 403"
    })
    void an_address_that_origin_and_host_share_does(String host, String origin, String status) throws Exception {
        assertUpgrade(new TestBroker.Wanted(), host, origin, status);
    }

    /** There the browser has seen a certificate for the name. */
    @Test
    void over_tls_a_name_does(@TempDir Path dir) throws Exception {
        TestKeys keys = new TestKeys(dir);
        keys.make("broker");
        TestBroker.Wanted wanted = new TestBroker.Wanted()
                .listeners("wss://127.0.0.1:0")
                .tls(new TlsConfig(keys.store("broker"), Optional.empty(), Optional.empty(), ClientAuth.NONE));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, keys.trusting("broker").getTrustManagers(), null);
        try (TestBroker broker = wanted.start();
                Socket socket = context.getSocketFactory()
                        .createSocket(InetAddress.getLoopbackAddress(), broker.port(Listener.Transport.WSS))) {
            assertUpgrade(socket, "broker.example", "https://broker.example", "101");
        }
    }

    private static void assertUpgrade(TestBroker.Wanted wanted, @Nullable String origin, String status)
            throws Exception {
        assertUpgrade(wanted, "127.0.0.1", origin, status);
    }

    private static void assertUpgrade(TestBroker.Wanted wanted, String host, @Nullable String origin, String status)
            throws Exception {
        try (TestBroker broker = wanted.start();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.port(Listener.Transport.WS))) {
            assertUpgrade(socket, host, origin, status);
        }
    }

    private static void assertUpgrade(Socket socket, String host, @Nullable String origin, String status)
            throws Exception {
        String request = "GET /mqtt HTTP/1.1\r\nHost: " + host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Protocol: mqtt\r\n"
                + (origin == null ? "" : "Origin: " + origin + "\r\n")
                + "\r\n";
        socket.getOutputStream().write(request.getBytes(UTF_8));
        BufferedReader answer = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        assertThat(answer.readLine()).startsWith("HTTP/1.1 " + status);
    }
}
