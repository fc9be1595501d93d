package io.sluice.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Somebody who begins to answer, and never ends. */
class WebTest {

    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void an_answer_that_does_not_end_is_waited_for_no_longer_than_one_that_does_not_begin() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Socket> asked = CompletableFuture.supplyAsync(() -> {
                try {
                    Socket socket = listening.accept();
                    socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".getBytes(UTF_8));
                    return socket;
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listening.getLocalPort()))
                    .timeout(Duration.ofMillis(500))
                    .build();

            assertThatExceptionOfType(ToolException.class)
                    .isThrownBy(() -> Web.send(HttpClient.newHttpClient(), request, ToolException::unreachable))
                    .withMessage("no answer in time");
            asked.join().close();
        }
    }
}
