package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that for some moments tells of the state before a change. */
class WaitTest {

    private static final int OLD = 3;

    @TempDir
    Path home;

    @Test
    void a_state_from_before_a_restart_is_not_what_is_waited_for() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                boolean status = exchange.getRequestURI().getPath().endsWith("/status");
                String task = status && asked.incrementAndGet() > OLD ? "FAILED" : "RUNNING";
                byte[] body = ("{\"connector\": {\"state\": \"RUNNING\"}, \"tasks\": [{\"id\": 0, \"state\": \"" + task
                                + "\", \"trace\": \"wrong\"}]}")
                        .getBytes(UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        try {
            String worker = "http://127.0.0.1:" + server.getAddress().getPort();

            Tool.Ended ended = new Tool(home).run("connector", "restart", "a", "--wait", "--worker", worker);

            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.err()).startsWith("The connector a does not run: task 0: wrong");
        } finally {
            server.stop(0);
        }
    }
}
