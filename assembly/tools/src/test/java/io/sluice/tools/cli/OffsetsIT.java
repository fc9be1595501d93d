package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class OffsetsIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    @TempDir
    Path home;

    private Tool tool;

    @BeforeEach
    void start() {
        tool = INSTALLED.tool(home);
    }

    @Test
    void a_connector_goes_back_to_a_position_to_the_earliest_and_to_the_start() throws Exception {
        apply("offsets");
        publish("1", "2", "3", "4");
        assertThat(values("offsets", 4)).containsExactly("1", "2", "3", "4");
        tool.run("connector", "stop", "offsets");
        long last = position();

        Tool.Ended dry = tool.run("offsets", "rewind", "offsets", "--to", Long.toString(last + 1));
        assertThat(dry.err()).contains("goes back in 0 of 1 lanes");
        Tool.Ended back = tool.run("offsets", "rewind", "offsets", "--to", Long.toString(last - 1));
        assertThat(back.exitCode()).as(back.err()).isZero();
        assertThat(back.err()).contains("goes back in 1 of 1 lanes");
        assertThat(position()).isEqualTo(last - 2);
        assertThat(INSTALLED.rest().status("offsets").at("/connector/state").asText())
                .isEqualTo("STOPPED");
        tool.run("connector", "resume", "offsets", "--wait");
        assertThat(values("offsets", 6).subList(4, 6)).containsExactly("3", "4");

        Tool.Ended earliest = tool.run("offsets", "rewind", "offsets", "--to", "earliest", "--wait", "60s");
        assertThat(earliest.exitCode()).as(earliest.err()).isZero();
        assertThat(earliest.err()).contains("[..............................] 0 of 1 lanes", "1 of 1 lanes");
        assertThat(values("offsets", 10).subList(6, 10)).containsExactly("1", "2", "3", "4");

        Tool.Ended reset = tool.run("offsets", "reset", "offsets");
        assertThat(reset.exitCode()).as(reset.err()).isZero();
        assertThat(values("offsets", 14).subList(10, 14)).containsExactly("1", "2", "3", "4");
        INSTALLED.rest().delete("offsets");
    }

    @Test
    void a_connector_goes_back_to_a_time_while_its_broker_runs() throws Exception {
        apply("times");
        publish("1", "2");
        assertThat(values("times", 2)).containsExactly("1", "2");
        Instant later = Instant.now().plusMillis(5);
        await().until(() -> Instant.now().isAfter(later));
        publish("3", "4");
        assertThat(values("times", 4)).containsExactly("1", "2", "3", "4");

        Tool.Ended back = tool.run("offsets", "rewind", "times", "--to", later.toString());

        assertThat(back.exitCode()).as(back.err()).isZero();
        assertThat(back.err())
                .contains("The first message since " + later + " is at position ", "goes back in 1 of 1 lanes");
        assertThat(values("times", 6).subList(4, 6)).containsExactly("3", "4");

        assertThat(tool.run("offsets", "rewind", "times", "--to", "1h").exitCode())
                .isZero();
        assertThat(values("times", 10).subList(6, 10)).containsExactly("1", "2", "3", "4");

        Tool.Ended future = tool.run("offsets", "rewind", "times", "--to", "2100-01-01T00:00:00Z");
        assertThat(future.exitCode()).isEqualTo(1);
        assertThat(future.err()).contains("has nothing that was received at 2100-01-01T00:00:00Z or later");
        Tool.Ended elsewhere = tool.run("offsets", "rewind", "times", "--to", "1h", "--buffer", home + "/nowhere");
        assertThat(elsewhere.err())
                .contains(
                        "/nowhere is not a folder. Run this on the broker's machine as its user, or name a position.");
        INSTALLED.rest().delete("times");
    }

    @Test
    void a_connector_that_is_renamed_takes_over_what_waits() throws Exception {
        apply("old-name");
        publish("1", "2");
        assertThat(values("old-name", 2)).containsExactly("1", "2");
        tool.run("connector", "pause", "old-name");
        publish("3", "4");

        Tool.Ended renamed = tool.run("connector", "rename", "old-name", "new-name");

        assertThat(renamed.exitCode()).as(renamed.err()).isZero();
        assertThat(tool.run("connector", "list", "-o", "name").out())
                .contains("new-name\n")
                .doesNotContain("old-name");
        assertThat(values("old-name", 4)).containsExactly("1", "2", "3", "4");
        assertThat(tool.run("connector", "rename", "old-name", "x").err())
                .contains("The worker has no connector old-name");
        INSTALLED.rest().delete("new-name");
    }

    @Test
    void what_is_no_position_is_said() {
        Tool.Ended ended = tool.run("offsets", "rewind", "offsets", "--to", "yesterday");

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.err())
                .contains("--to yesterday is no position; it is earliest, a number from 0 on, a time such as");
    }

    private void apply(String name) throws Exception {
        int port = INSTALLED.freePort();
        tool.with("SLUICE_BROKER", "mqtt://127.0.0.1:" + port);
        Path file = INSTALLED.file(home, name, port, name);
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                "\"broker.linger.ms\": \"0\"",
                                "\"broker.linger.ms\": \"30000\", \"buffer.retention.ms\": \"3600000\""));
        Tool.Ended applied = tool.run("connector", "apply", "-f", file.toString(), "--wait");
        assertThat(applied.exitCode()).as(applied.err()).isZero();
    }

    private void publish(String... messages) {
        Tool.Ended ended = tool.runWith(
                String.join("\n", messages), "publish", "-t", "sensors/1", "-q", "1", "-i", "device-1", "--lines");
        assertThat(ended.exitCode()).as(ended.err()).isZero();
    }

    private List<String> values(String topic, int count) {
        return INSTALLED.read(topic, count).stream()
                .map(record -> new String(record.value(), UTF_8))
                .toList();
    }

    private long position() throws Exception {
        return new JsonMapper()
                .readTree(tool.run("offsets", "show", "offsets", "-o", "json").out())
                .at("/0/position")
                .asLong();
    }
}
