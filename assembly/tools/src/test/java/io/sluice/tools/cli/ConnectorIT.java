package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ConnectorIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    /** Has what addresses and shells take for something else. */
    private static final String ODD = "it's state #1? 5;";

    @TempDir
    Path home;

    private Tool tool;

    @BeforeEach
    void start() {
        tool = INSTALLED.tool(home);
    }

    @AfterEach
    void delete() {
        INSTALLED.deleteConnectors();
    }

    @Test
    void apply_creates_leaves_alone_and_changes_and_says_what_is_different() throws Exception {
        Path file = INSTALLED.file(home, "applied", INSTALLED.freePort(), "applied");

        Tool.Ended dry = tool.run("connector", "apply", "-f", file.toString(), "--dry-run");
        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(dry.out()).startsWith("applied: created\n").contains("  + kafka.topic: applied\n");
        assertThat(names()).doesNotContain("applied");

        Tool.Ended created = tool.run("connector", "apply", "-f", file.toString(), "--wait", "60s");
        assertThat(created.exitCode()).as(created.err()).isZero();
        assertThat(created.out()).startsWith("applied: created\n");
        assertThat(INSTALLED.rest().status("applied").at("/tasks/0/state").asText())
                .isEqualTo("RUNNING");

        assertThat(tool.run("connector", "apply", "-f", file.toString()).out()).isEqualTo("applied: unchanged\n");

        Files.writeString(file, Files.readString(file).replace("sensors/#", "%{FILTER}"));
        Tool.Ended changed = tool.run("connector", "apply", "-f", file.toString(), "--var", "FILTER=lamps/#", "--wait");
        assertThat(changed.out()).isEqualTo("applied: changed\n  ~ topic.filters: sensors/# -> lamps/#\n");
        assertThat(INSTALLED.rest().config("applied").path("topic.filters").asText())
                .isEqualTo("lamps/#");

        Tool.Ended different = tool.with("FILTER", "other/#").run("connector", "diff", "-f", file.toString(), "--env");
        assertThat(different.exitCode()).isEqualTo(3);
        assertThat(different.out()).isEqualTo("applied: different\n  ~ topic.filters: lamps/# -> other/#\n");
    }

    @Test
    void list_describe_and_config_show_what_runs_in_each_format() throws Exception {
        Path file = INSTALLED.file(home, "shown", INSTALLED.freePort(), "shown");
        tool.run("connector", "apply", "-f", file.toString(), "--wait");

        assertThat(names()).contains("shown");
        assertThat(tool.run("connector", "list", "--connector-name", "shown").out())
                .isEqualToNormalizingNewlines("""
                        NAME   STATE    TASKS  FILTERS    TOPIC  CLASS
                        shown  RUNNING  1/1    sensors/#  shown  MqttSourceConnector
                        """);
        assertThat(tool.run("connector", "list", "-o", "yaml").out()).contains("- name: shown\n  state: RUNNING\n");
        assertThat(tool.run("connector", "list", "--connector-name", "other", "-o", "json")
                        .out())
                .isEqualToIgnoringWhitespace("[]");
        assertThat(tool.run("connector", "describe", "shown").out())
                .startsWith("shown: RUNNING\n")
                .contains("  task 0: RUNNING on 127.0.0.1:", "  kafka.topic: shown\n");

        Tool.Ended config = tool.run("connector", "config", "shown");
        assertThat(tool.runWith(config.out(), "connector", "apply", "-f", "-").out())
                .isEqualTo("shown: unchanged\n");
    }

    @Test
    void pause_resume_stop_restart_and_delete_reach_the_worker() throws Exception {
        Path file = INSTALLED.file(home, "states", INSTALLED.freePort(), "states");
        Files.writeString(file, Files.readString(file).replaceFirst("\"states\"", "\"" + ODD + "\""));
        tool.run("connector", "apply", "-f", file.toString(), "--wait");

        assertThat(tool.run("connector", "pause", ODD).exitCode()).isZero();
        awaitState("PAUSED");
        assertThat(tool.run("connector", "resume", ODD, "--wait").exitCode()).isZero();
        awaitState("RUNNING");
        assertThat(tool.run("connector", "stop", ODD).exitCode()).isZero();
        awaitState("STOPPED");
        assertThat(tool.run("connector", "resume", ODD, "--wait").exitCode()).isZero();
        assertThat(tool.run("connector", "restart", ODD, "--only-failed", "--wait")
                        .exitCode())
                .isZero();

        Tool.Ended unasked = tool.run("connector", "delete", ODD);
        assertThat(unasked.exitCode()).isEqualTo(2);
        assertThat(unasked.err())
                .contains("Delete the connector " + ODD + "? [y/N] Nobody is there to be asked; say --yes");
        assertThat(tool.runWith("n\n", "connector", "delete", ODD).err()).contains("The connector " + ODD + " stays.");
        assertThat(tool.run("connector", "delete", ODD, "--yes").exitCode()).isZero();
        assertThat(names()).doesNotContain(ODD);
    }

    @Test
    void a_connector_that_fails_or_is_not_there_is_said_in_a_sentence() throws Exception {
        Path file = INSTALLED.file(home, "failing", INSTALLED.freePort(), "failing");
        Path notAFolder = Files.writeString(home.resolve("not-a-folder"), "");
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceFirst("\"buffer.dir\": \"[^\"]*\"", "\"buffer.dir\": \"" + notAFolder + "\""));

        Tool.Ended ended = tool.run("connector", "apply", "-f", file.toString(), "--wait");

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(1);
        assertThat(ended.err())
                .contains(notAFolder.toString())
                .hasLineCount(ended.err().lines().toList().size());
        // Connectors of other tests may have made the worker rebalance, which is said first.
        assertThat(tool.run("connector", "describe", "none").err())
                .endsWith("The worker has no connector none; `sluice connector list` shows those it has.\n");
        assertThat(tool.run("connector", "pause", "none").exitCode()).isEqualTo(1);
        assertThat(tool.run("connector", "pause", "a/b").err())
                .contains("takes no request for the connector a/b: from Kafka Connect 4 on,");
    }

    @Test
    void mistakes_are_found_before_and_when_a_configuration_is_applied() throws Exception {
        Path file = INSTALLED.file(home, "wrong", INSTALLED.freePort(), "wrong");
        assertThat(tool.run("connector", "validate", "-f", file.toString()).exitCode())
                .isZero();
        Files.writeString(file, Files.readString(file).replace("sensors/#", "a/#/b"));

        Tool.Ended found = tool.run("connector", "validate", "-f", file.toString());
        assertThat(found.exitCode()).isEqualTo(3);
        assertThat(found.out()).contains("topic.filters", "a/#/b");

        Tool.Ended refused = tool.run("connector", "apply", "-f", file.toString());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .startsWith("The worker does not take the configuration:")
                .contains("a/#/b")
                .doesNotContain("You can also find");

        Files.writeString(file, Files.readString(file).replace("MqttSourceConnector", "NoSuchConnector"));
        assertThat(tool.run("connector", "apply", "-f", file.toString()).err())
                .contains("The worker has no plugin io.sluice.connect.NoSuchConnector; unpack the archive");
    }

    private void awaitState(String state) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(tool.run("connector", "list", "--connector-name", ODD)
                                .out())
                        .contains(state));
    }

    private List<String> names() {
        return tool.run("connector", "list", "-o", "name").out().lines().toList();
    }
}
