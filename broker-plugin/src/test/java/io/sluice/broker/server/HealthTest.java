package io.sluice.broker.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.TestProcess;
import io.sluice.broker.StoppableBroker;
import io.sluice.broker.TestKeys;
import io.sluice.status.ShownProcess;
import io.sluice.status.ShownProcess.Role;
import io.sluice.status.StatusAddress;
import io.sluice.status.StatusConfig;
import io.sluice.status.StatusListener;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the command health sees of a broker that has stopped by an error, and takes connections all the same. */
@Timeout(120)
class HealthTest {

    private static final String STOPPED = "An error has stopped the buffer or the store of MQTT sessions";

    @TempDir
    private Path folder;

    private StoppableBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = StoppableBroker.start(Files.createDirectory(folder.resolve("data")));
    }

    @AfterEach
    void close() {
        broker.close();
    }

    private String complaint(String status) throws Exception {
        return complaintOf("health", "--config", configuration(status).toString());
    }

    private Path configuration(String status) throws Exception {
        return Files.writeString(
                folder.resolve("sluice-broker.conf"),
                "host 127.0.0.1\nport " + broker.port() + "\nsluice.buffer.dir data\n" + status);
    }

    /** What the command prints; nothing if all is well. Another process: this one holds the folders. */
    private static String complaintOf(String... arguments) throws Exception {
        Process health = TestProcess.of(List.of(), BrokerServer.class, arguments)
                .redirectErrorStream(true)
                .start();
        String said = new String(health.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(health.waitFor()).as(said).isEqualTo(said.equals("The broker is healthy.") ? 0 : 1);
        return health.exitValue() == 0 ? "" : said;
    }

    @Test
    void a_buffer_that_has_stopped_is_said_where_the_status_is_served() throws Exception {
        StatusConfig served =
                new StatusConfig(StatusAddress.of("http://127.0.0.1:0"), Optional.empty(), Optional.empty(), false);
        try (StatusListener status = StatusListener.acquire(served, new ShownProcess(Role.STANDALONE, "1.2.3"))) {
            broker.stopBuffer();

            assertThat(complaint("sluice.status.listener " + status.uri().orElseThrow()))
                    .startsWith(STOPPED);
        }
    }

    @Test
    void the_configuration_may_be_named_in_front_of_the_command() throws Exception {
        assertThat(complaintOf("--config", configuration("").toString(), "health"))
                .isEmpty();
    }

    @Test
    void it_needs_neither_a_token_nor_a_certificate_that_it_trusts() throws Exception {
        TestKeys keys = new TestKeys(folder);
        keys.make("status");
        Path tokens = Files.writeString(folder.resolve("tokens"), "0123456789abcdef");
        StatusConfig served = new StatusConfig(
                StatusAddress.of("https://127.0.0.1:0"),
                Optional.of(new TlsConfig(keys.store("status"), Optional.empty(), Optional.empty(), ClientAuth.NONE)),
                Optional.of(tokens),
                false);
        try (StatusListener status = StatusListener.acquire(served, new ShownProcess(Role.STANDALONE, "1.2.3"))) {
            String lines = "sluice.status.listener " + status.uri().orElseThrow()
                    + "\nsluice.status.token.file tokens\nsluice.status.ssl.keystore.location "
                    + keys.file("status") + "\nsluice.status.ssl.keystore.password " + TestKeys.PASSWORD;
            assertThat(complaint(lines)).isEmpty();

            broker.stopSessions();

            assertThat(complaint(lines)).startsWith(STOPPED);
        }
    }

    @Test
    void sessions_that_have_stopped_have_let_go_of_their_folder_and_are_seen_also_without_a_status() throws Exception {
        broker.stopSessions();

        assertThat(complaint("")).startsWith("An error has stopped the store of MQTT sessions in ");
    }

    @Test
    void a_status_that_does_not_answer_is_said_and_not_waited_for_long() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertThat(complaint("sluice.status.listener http://127.0.0.1:" + mute.getLocalPort()))
                    .startsWith("The status at http://127.0.0.1:" + mute.getLocalPort() + " does not answer: ");
        }
    }
}
