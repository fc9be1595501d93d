package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong before a broker is there to say so. */
class NoBrokerTest {

    @TempDir
    Path home;

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 400 Bad Request\r\n\r\n"})
    void what_listens_and_is_no_broker_ends_with_4(String answer) throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> {
                try (Socket socket = listening.accept()) {
                    assertThat(socket.getInputStream().read()).isPositive();
                    socket.getOutputStream().write(answer.getBytes(UTF_8));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            Path kept = Files.writeString(home.resolve("kept"), "kept");
            String broker = "mqtt://127.0.0.1:" + listening.getLocalPort();

            Tool.Ended ended =
                    new Tool(home).run("subscribe", "-t", "a", "--broker", broker, "--output-file", kept.toString());

            served.join();
            assertThat(ended.exitCode()).as(ended.err()).isEqualTo(4);
            assertThat(ended.err()).contains(broker).hasLineCount(1);
            assertThat(kept).hasContent("kept");
        }
    }

    @Test
    void what_is_no_topic_no_filter_and_no_number_is_refused_before_anybody_is_asked() {
        assertThat(refusal("publish", "-t", "a/#")).startsWith("'a/#' is no topic: ");
        assertThat(refusal("subscribe", "-t", "a/#/b")).startsWith("'a/#/b' is no filter: ");
        assertThat(refusal("subscribe", "-t", "a", "-n", "0")).startsWith("-n 0 is less than 1.");
    }

    @Test
    void a_password_that_nobody_can_be_asked_for_is_refused() {
        assertThat(refusal("publish", "-t", "a", "-u", "ann", "-P"))
                .startsWith("Nobody is there to be asked for the password; give --broker-login.");
    }

    private String refusal(String... arguments) {
        Tool.Ended ended =
                new Tool(home).with("SLUICE_BROKER", "mqtt://127.0.0.1:1").run(arguments);
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(2);
        return ended.err();
    }

    @Test
    void what_mqtt_cannot_carry_is_refused_before_anybody_is_asked() {
        assertThat(refusal("publish", "-t", "a", "--expiry", "-1"))
                .startsWith("--expiry is 0 to 4294967295 seconds, not -1.");
        assertThat(refusal("publish", "-t", "a", "--response-topic", "a/#"))
                .startsWith("The message to a cannot be sent: ");
        assertThat(refusal("publish", "-t", "a", "--property", "site=" + "x".repeat(65_536)))
                .startsWith("The message to a cannot be sent: ");
        assertThat(refusal("publish", "-t", "a", "-i", "x".repeat(65_536))).startsWith("The login cannot be sent: ");
        assertThat(refusal("subscribe", "-t", "a", "--will-topic", "a/#"))
                .startsWith("The message to a/# cannot be sent: ");
    }

    @Test
    void a_broker_that_leaves_in_place_of_an_answer_is_one_sentence() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> served = CompletableFuture.runAsync(() -> {
                try (Socket socket = listening.accept()) {
                    assertThat(socket.getInputStream().read()).isPositive();
                    socket.getOutputStream().write(new byte[] {0x20, 3, 0, 0, 0});
                    assertThat(socket.getInputStream().readNBytes(40)).isNotEmpty();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });

            Tool.Ended ended = new Tool(home)
                    .run(
                            "subscribe",
                            "-i",
                            "x",
                            "-t",
                            "a".repeat(100),
                            "--broker",
                            "mqtt://127.0.0.1:" + listening.getLocalPort());

            served.join();
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.err()).matches("The connection to the broker is lost: [^.]+\\.\\R");
        }
    }
}
