package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.sluice.broker.server.BrokerServer;
import io.sluice.tools.StandIn;
import io.sluice.tools.StatusClient;
import io.sluice.tools.ToolException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line shows of a standalone broker, which runs until the process ends. */
class StatusCommandTest {

    private static final String TOKEN = "0123456789abcdef";

    @TempDir
    private static Path folder;

    @TempDir
    private Path home;

    private static int mqtt;
    private static String listener = "";

    @BeforeAll
    static void startBroker() throws Exception {
        mqtt = freePort();
        listener = "http://127.0.0.1:" + freePort();
        Path config = Files.writeString(folder.resolve("sluice-broker.conf"), """
                host 127.0.0.1
                port %d
                allow_anonymous true
                sluice.buffer.storage memory
                sluice.status.listener %s
                sluice.status.token.file %s
                sluice.status.allow.disconnect true
                """.formatted(
                        mqtt, listener, Files.writeString(folder.resolve("tokens"), TOKEN)));
        Thread broker = new Thread(() -> BrokerServer.main(new String[] {"--config", config.toString()}), "broker");
        broker.setDaemon(true);
        broker.start();
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(ToolException.class)
                .until(() -> !new StatusClient(URI.create(listener), Optional.of(TOKEN))
                        .status()
                        .brokers()
                        .isEmpty());
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static Mqtt5BlockingClient connected(String clientId) {
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(mqtt)
                .buildBlocking();
        client.connect();
        return client;
    }

    private Tool tool() {
        return new Tool(home).with("TOKEN", TOKEN).with("SLUICE_STATUS_TOKEN", "env:TOKEN");
    }

    @Test
    void a_context_remembers_where_the_status_is_and_the_status_shows_the_broker() {
        assertThat(tool().run("context", "set", "here", "--status", listener, "--status-token", "env:TOKEN")
                        .exitCode())
                .isZero();

        Tool.Ended table = new Tool(home).with("TOKEN", TOKEN).run("status");
        Tool.Ended json = new Tool(home).with("TOKEN", TOKEN).run("status", "-o", "json");

        assertThat(table.exitCode()).as(table.err()).isZero();
        assertThat(table.out())
                .startsWith("Standalone broker at " + listener + ", Sluice ")
                .contains("BROKER", "sluice-broker", "RUNNING");
        assertThat(json.out()).contains("\"address\" : \"" + listener + "\"", "\"captured-messages-total\" : 0.0");
    }

    @Test
    void one_listener_of_several_that_does_not_answer_is_said_and_the_others_are_shown() {
        Tool.Ended ended = tool().run("status", "--status", "http://127.0.0.1:1," + listener);

        assertThat(ended.exitCode()).isEqualTo(4);
        assertThat(ended.err())
                .startsWith("The status listener at http://127.0.0.1:1 does not answer: nothing listens there. Set"
                        + " status.listener in the connector");
        assertThat(ended.out()).contains("sluice-broker");
    }

    @Test
    void without_the_token_the_listener_says_what_it_wants() {
        Tool.Ended none = new Tool(home).run("status", "--status", listener);
        Tool.Ended wrong = tool().with("TOKEN", "fedcba9876543210").run("status", "--status", listener);

        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).startsWith("The status listener at " + listener + " asks for a token; give one");
        assertThat(wrong.err()).startsWith("The status listener at " + listener + " does not know the token; give one");
    }

    @Test
    void what_is_no_address_is_refused() {
        assertThat(tool().run("status", "--status", "localhost:9404").err())
                .startsWith("'localhost:9404' is no address of a status listener; write it like http://localhost:9404");
        assertThat(tool().run("context", "set", "x", "--status", "http://me:pass@host:1")
                        .err())
                .contains("has a login in it");
    }

    @Test
    void events_are_lines_and_go_on_while_they_are_followed() {
        Tool.Ended ended = tool().run("events", "--status", listener, "--kind", "lifecycle");

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("  lifecycle  sluice-broker  broker.started  The broker listens on tcp://");
        assertThat(tool().run("events", "--status", listener, "-o", "json").out())
                .contains("\"event\":\"broker.started\"");
        Tool.Watched follow = tool().watched();
        CompletableFuture.runAsync(() -> follow.run("events", "--follow", "--status", listener));
        await().atMost(Duration.ofSeconds(20)).until(() -> follow.out().contains("broker.started"));
    }

    @Test
    void a_client_is_shown_and_disconnected() {
        Mqtt5BlockingClient device = connected("pump 7/a");

        Tool.Ended shown = tool().run("clients", "list", "--status", listener);
        Tool.Ended gone = tool().run("clients", "disconnect", "pump 7/a", "--status", listener);

        assertThat(shown.out()).contains("CLIENTID", "pump 7/a", "tcp", "sluice-broker");
        assertThat(gone.exitCode()).as(gone.err()).isZero();
        await().atMost(Duration.ofSeconds(10)).until(() -> !device.getState().isConnected());
        StatusClient client = new StatusClient(URI.create(listener), Optional.of(TOKEN));
        await().atMost(Duration.ofSeconds(10))
                .until(() -> client.clients(100).clients().isEmpty());
        assertThat(tool().run("clients", "disconnect", "nobody", "--status", listener)
                        .err())
                .startsWith("No client nobody is connected.");
    }

    @Test
    void sizes_and_times_are_written_as_people_read_them() {
        assertThat(Amounts.bytes(1_023)).isEqualTo("1023 B");
        assertThat(Amounts.bytes(1_536 << 10)).isEqualTo("1.5 MiB");
        assertThat(Amounts.time(Duration.ofMillis(7))).isEqualTo("7ms");
        assertThat(Amounts.time(Duration.ofMinutes(61))).isEqualTo("1h 1m");
        assertThat(Amounts.time(Duration.ofHours(25))).isEqualTo("1d 1h");
    }

    @Test
    void one_listener_of_several_that_does_not_answer_hides_no_client_and_no_event_of_the_others() {
        String both = "http://127.0.0.1:1," + listener;
        Mqtt5BlockingClient device = connected("pump-8");

        Tool.Ended shown = tool().run("clients", "list", "--status", both);
        Tool.Ended gone = tool().run("clients", "disconnect", "pump-8", "--status", both);
        Tool.Ended nobody = tool().run("clients", "disconnect", "nobody", "--status", both);
        Tool.Ended events = tool().run("events", "--status", both);
        Tool.Watched follow = tool().watched();
        CompletableFuture.runAsync(() -> follow.run("events", "--follow", "--status", both));

        assertThat(shown.out()).contains("pump-8");
        assertThat(shown.exitCode()).isEqualTo(4);
        assertThat(gone.exitCode()).as(gone.err()).isZero();
        await().atMost(Duration.ofSeconds(10)).until(() -> !device.getState().isConnected());
        assertThat(nobody.exitCode()).isEqualTo(4);
        assertThat(events.out()).contains("broker.started");
        assertThat(events.exitCode()).isEqualTo(4);
        assertThat(List.of(shown, nobody, events))
                .allSatisfy(ended ->
                        assertThat(ended.err()).contains("The status listener at http://127.0.0.1:1 does not answer"));
        await().atMost(Duration.ofSeconds(20)).until(() -> follow.out().contains("broker.started"));
    }

    @Test
    void the_name_of_a_client_does_not_steer_the_terminal() {
        Mqtt5BlockingClient device = connected("pump\u001b[2J\n9");

        Tool.Ended table = tool().run("clients", "list", "--status", listener);
        Tool.Ended names = tool().run("clients", "list", "-o", "name", "--status", listener);
        device.disconnect();

        assertThat(table.out()).contains("pump\\u001b[2J\\n9").doesNotContain("\u001b");
        assertThat(names.out()).contains("pump\\u001b[2J\\n9\n").doesNotContain("\u001b");
    }

    @Test
    void what_a_status_listener_says_of_itself_does_not_steer_the_terminal() {
        String steering = """
                {"version": "1\\u001b]0;owned\\u0007", "role": "worker", "startedAt": "now\\u001b[31m\\u202e",
                "brokers": [], "connectors": []}""";
        try (StandIn other = StandIn.saying(request -> StandIn.Reply.ok(steering))) {
            Tool.Ended table = tool().run("status", "--status", other.address());

            assertThat(table.exitCode()).as(table.err()).isZero();
            assertThat(table.out())
                    .contains("Sluice 1\\u001b]0;owned\\u0007, since now\\u001b[31m\\u202e\n")
                    .doesNotContain("\u001b", "\u202e");
        }
    }

    @Test
    void as_yaml_too_nothing_steers_the_terminal_and_what_is_read_back_is_the_same() throws Exception {
        String version = "Köln\u202e\u0085b\n\u2066c";
        ObjectNode status = Common.JSON.createObjectNode().put("version", version);
        status.put("role", "worker").put("startedAt", "now").putArray("brokers");
        status.putArray("connectors")
                .addObject()
                .put("name", "line")
                .putArray("tasks")
                .addObject()
                .put("state", "running")
                .putObject("metrics")
                .put("lag\u202e\u2028", 1.5);
        try (StandIn other = StandIn.saying(request -> StandIn.Reply.ok(status.toString()))) {
            Tool.Ended yaml = tool().run("status", "-o", "yaml", "--status", other.address());

            assertThat(yaml.exitCode()).as(yaml.err()).isZero();
            assertThat(yaml.out()).contains("Köln\\u202e").doesNotContain("\u202e", "\u0085", "\u2066", "\u2028");
            JsonNode read = new YAMLMapper().readTree(yaml.out()).path(0);
            assertThat(read.path("version").asText()).isEqualTo(version);
            assertThat(read.at("/connectors/0/tasks/0/metrics").has("lag\u202e\u2028"))
                    .isTrue();
        }
    }

    @Test
    void of_a_token_the_first_line_counts_and_one_that_cannot_be_sent_is_not_shown() {
        Tool.Ended lines = tool().with("TOKEN", TOKEN + "\n").run("status", "--status", listener);
        Tool.Ended none = tool().with("TOKEN", "\ufeff" + TOKEN).run("status", "--status", listener);

        assertThat(lines.exitCode()).as(lines.err()).isZero();
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err())
                .startsWith("The token for the status listener at " + listener + " has a character")
                .doesNotContain(TOKEN);
    }
}
