package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.assembly.BrokerInstallation.Ended;
import io.sluice.assembly.BrokerInstallation.Running;
import io.sluice.remote.BufferCredentials;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.RemoteAttachment;
import io.sluice.testkit.FreePort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The broker as a separate server, from its archive. */
class BrokerServerIT {

    private BrokerInstallation installation;

    @BeforeEach
    void unpack() throws Exception {
        installation = new BrokerInstallation();
    }

    @AfterEach
    void end() throws Exception {
        installation.close();
    }

    @Test
    void it_says_when_it_is_ready_and_serves_devices_before_a_connector_has_attached() throws Exception {
        int port = installation.configure();
        Running broker = installation.startBroker();

        assertThat(broker.output()).contains("Ready: devices connect to [tcp://127.0.0.1:" + port + "]");
        try (Publisher device = Publisher.mqtt3("device", port)) {
            device.connect();
            assertThat(device.publish("sensors/1", new byte[] {1})).succeedsWithin(Duration.ofSeconds(10));
        }
    }

    @Test
    void told_to_end_it_closes_the_folder_and_the_next_start_finds_nothing_to_recover() throws Exception {
        int port = installation.configure();
        Connector.register(installation.bufferDir());
        Running first = installation.startBroker();
        publish(port, 1);

        first.process().destroy();
        assertThat(first.process().waitFor(5, TimeUnit.SECONDS))
                .as("within 5 s")
                .isTrue();
        assertThat(first.process().exitValue()).isEqualTo(143);

        Ended check =
                installation.run("buffer", "check", installation.bufferDir().toString());
        assertThat(check.output()).contains("1 messages", "Nothing is damaged");
        assertThat(check.exitCode()).isZero();
        Running second = installation.startBroker();
        publish(port, 2);
        second.process().destroy();
        second.end();

        assertThat(second.output()).doesNotContain("WARN", "ERROR");
        // Recovery would pass over positions that may have been used.
        assertThat(Connector.positions(installation.bufferDir())).containsExactly(0L, 1L);
    }

    @Test
    void killed_it_starts_again_with_what_it_had_acknowledged_while_no_connector_was_there() throws Exception {
        int port = installation.configure();
        Connector.register(installation.bufferDir());
        Running first = installation.startBroker();
        publish(port, 1);

        first.process().destroyForcibly();
        first.end();
        Running second = installation.startBroker();
        second.process().destroy();
        second.end();

        assertThat(Connector.positions(installation.bufferDir())).hasSize(1);
    }

    @Test
    @Tag("nightly")
    void until_a_connector_attaches_again_devices_wait_for_their_acknowledgements_where_the_configuration_says_so()
            throws Exception {
        int port = installation.configure("sluice.buffer.acknowledge.unattached false");
        Connector.register(installation.bufferDir());
        installation.startBroker();

        try (Publisher device = Publisher.mqtt3("device", port)) {
            device.connect();
            long before = Connector.bytesInLog(installation.bufferDir());
            CompletableFuture<Void> acknowledged = device.publish("sensors/1", new byte[] {1});
            Awaitility.await().until(() -> Connector.bytesInLog(installation.bufferDir()) > before);
            Awaitility.await()
                    .during(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThat(acknowledged).isNotDone());
        }
    }

    @Test
    @Tag("nightly")
    void health_is_0_while_it_runs_and_1_while_it_does_not() throws Exception {
        int port = installation.configure();

        assertThat(installation.run("health").exitCode()).isEqualTo(1);
        try (ServerSocket stranger = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
            assertThat(installation.run("health").exitCode())
                    .as("a stranger on port " + stranger.getLocalPort())
                    .isEqualTo(1);
        }
        installation.startBroker();
        assertThat(installation.run("health"))
                .isEqualTo(new Ended(0, "The broker is healthy." + System.lineSeparator()));
    }

    @Test
    @Tag("nightly")
    void it_runs_through_a_symbolic_link_from_another_folder() throws Exception {
        installation.configure();
        Path link = Files.createSymbolicLink(
                installation.folder().resolve("a link"), installation.home().resolve("bin/sluice-broker"));
        Path elsewhere = Files.createDirectory(installation.folder().resolve("elsewhere"));

        installation.awaitReady(installation.start(link, elsewhere));

        assertThat(installation.bufferDir()).isDirectory();
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    @Tag("nightly")
    void it_finds_its_folder_where_the_shell_looks_for_folders_elsewhere_first() throws Exception {
        Files.createDirectories(installation.folder().resolve("elsewhere/bin"));

        Ended ended = installation
                .run(
                        List.of(
                                "env",
                                "CDPATH=" + installation.folder().resolve("elsewhere"),
                                "bin/sluice-broker",
                                "--version"),
                        installation.home())
                .end();

        assertThat(ended).isEqualTo(new Ended(0, "sluice-broker " + Archives.VERSION + System.lineSeparator()));
    }

    @Test
    @Tag("nightly")
    void what_looks_at_a_broker_takes_none_of_its_options_wherever_the_configuration_is_named() throws Exception {
        installation.configure();

        for (String command : List.of(
                "health --config config/sluice-broker.conf",
                "--config config/sluice-broker.conf health",
                "--config=config/sluice-broker.conf health")) {
            Ended ended = installation
                    .run(
                            List.of("sh", "-c", "SLUICE_OPTS=-XX:NoSuchOption bin/sluice-broker " + command),
                            installation.home())
                    .end();
            assertThat(ended.output()).as(command).contains("Nothing takes connections");
        }
    }

    @Test
    void a_second_broker_on_the_same_folder_is_refused() throws Exception {
        installation.configure();
        installation.startBroker();
        installation.configure();

        Ended second = installation.run();

        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.output().strip())
                .contains(installation.bufferDir() + " is in use by another broker")
                .hasLineCount(1);
    }

    @Test
    void a_wrong_configuration_ends_with_exit_code_2_and_one_sentence() throws Exception {
        installation.configure("sluice.buffer.overflow blok");

        Ended ended = installation.run();

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output().strip())
                .isEqualTo("sluice.buffer.overflow is 'blok': it takes one of block, reject, drop.newest,"
                        + " drop.oldest");
    }

    @Test
    void a_port_in_use_ends_with_exit_code_1_and_one_sentence() throws Exception {
        int port = installation.configure();
        try (ServerSocket taken = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
            Ended ended = installation.run();

            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.output())
                    .contains("cannot start on [tcp://127.0.0.1:" + taken.getLocalPort() + "]", "in use");
        }
    }

    @Test
    void a_worker_elsewhere_drains_it_and_goes_on_after_it_was_killed() throws Exception {
        BufferEndpoint endpoint = new BufferEndpoint(false, "127.0.0.1", FreePort.next());
        int port = installation.configure("sluice.drain.listener " + endpoint);
        Running first = installation.startBroker();
        assertThat(installation.run("health").exitCode()).isZero();

        try (RemoteAttachment worker = RemoteAttachment.attach(endpoint, BufferCredentials.NONE, Connector.SPEC)) {
            worker.seek(worker.acknowledged());
            assertThat(publishAndRead(port, worker)).isEqualTo(1);
            first.process().destroyForcibly();
            first.end();
            assertThat(installation.run("health").exitCode()).isEqualTo(1);
            Running second = installation.startBroker();
            Awaitility.await().until(() -> worker.connection().connected());
            assertThat(publishAndRead(port, worker)).isEqualTo(1);
            second.process().destroy();
            second.end();

            assertThat(second.output()).contains("is served at " + endpoint).doesNotContain("WARN", "ERROR");
        }
    }

    /** Publishes a message, and returns how many a worker reads. */
    private static int publishAndRead(int port, RemoteAttachment worker) throws Exception {
        try (Publisher device = Publisher.mqtt3("device", port)) {
            device.connect();
            assertThat(device.publish("sensors/1", new byte[] {1})).succeedsWithin(Duration.ofSeconds(10));
        }
        int count = worker.read(10, 1 << 20, Duration.ofSeconds(10)).messages().size();
        return count
                + worker.read(10, 1 << 20, Duration.ofMillis(100)).messages().size();
    }

    /** Publishes while nobody drains, and is acknowledged. */
    private static void publish(int port, int value) throws Exception {
        try (Publisher device = Publisher.mqtt3("device-" + value, port)) {
            device.connect();
            assertThat(device.publish("sensors/1", new byte[] {(byte) value})).succeedsWithin(Duration.ofSeconds(10));
        }
    }
}
