package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.assembly.BrokerInstallation.Ended;
import io.sluice.assembly.BrokerInstallation.Running;
import io.sluice.testkit.FreePort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sluice's jars in Moquette's own server, started by its own main class and configured by its own file. */
class StockMoquetteIT {

    private static final String HANDLER = "intercept.handler io.sluice.broker.server.StockMoquette";

    private final int port = FreePort.next();
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
    void it_captures_what_a_connector_wants_and_says_what_holds() throws Exception {
        Path buffer = installation.folder().resolve("buffer");
        Connector.register(buffer);
        Running server = start(HANDLER, "sluice.buffer.dir buffer", "sluice.status.listener http://127.0.0.1:0");
        Awaitility.await().until(() -> server.output().contains("started successfully"));

        assertThat(server.output())
                .contains("Messages are kept in " + buffer, "a crash loses some that were acknowledged");
        try (Publisher device = Publisher.mqtt5("device", port)) {
            device.connect();
            assertThat(device.publish("other", new byte[] {1}))
                    .as("wanted by nobody")
                    .succeedsWithin(Duration.ofSeconds(10));
            assertThat(device.publish("sensors/1", new byte[] {2}))
                    .as("wanted by a connector that is away")
                    .succeedsWithin(Duration.ofSeconds(10));
        }
        server.process().destroy();
        server.end();
        assertThat(Connector.positions(buffer)).containsExactly(0L);
    }

    @Test
    void it_does_not_start_where_it_could_not_capture() throws Exception {
        assertRefused(start(HANDLER), "sluice.buffer.dir is not set");
        assertRefused(start(HANDLER, "sluice.buffer.storage tape"), "sluice.buffer.storage is 'tape'");
    }

    private static void assertRefused(Running server, String why) throws Exception {
        Ended ended = server.end();
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(1);
        assertThat(ended.output()).contains(why);
    }

    private Running start(String... lines) throws Exception {
        Path home = installation.folder();
        List<String> configuration = new ArrayList<>(Arrays.asList(lines));
        configuration.add("host 127.0.0.1");
        configuration.add("port " + port);
        configuration.add("telemetry_enabled false");
        configuration.add("data_path " + home.resolve("sessions"));
        Files.createDirectories(home.resolve("config"));
        Files.write(home.resolve("config/moquette.conf"), configuration);
        return installation.run(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dmoquette.path=" + home,
                        "-cp",
                        installation.home().resolve("lib") + "/*",
                        "-Dlog4j2.level=info",
                        "io.moquette.broker.Server"),
                home);
    }
}
