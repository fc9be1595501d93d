package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class CheckIT {

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
    void what_can_do_its_work_is_found_good() throws Exception {
        Path file = INSTALLED.file(home, "good", INSTALLED.freePort(), "good");

        Tool.Ended ended = tool.run("connector", "check", "-f", file.toString());

        assertThat(ended.exitCode()).as(ended.out() + ended.err()).isZero();
        assertThat(ended.out())
                .contains(INSTALLED.kafka().bootstrapServers() + " answers.")
                .containsPattern("good +ok +good +It is not there yet; Connect creates it\\.");
        INSTALLED.kafka().createTopic("good", 1);
        assertThat(tool.run("connector", "check", "-f", file.toString()).out())
                .containsPattern("good +ok +good +It is there, and may be written to\\.");
    }

    @Test
    void topics_that_nobody_creates_or_that_want_too_many_replicas_are_found() throws Exception {
        Path file = INSTALLED.file(home, "bad", INSTALLED.freePort(), "bad");
        String config = Files.readString(file);
        for (String factor : List.of("3", "99999999999")) {
            Files.writeString(file, config.replace("factor\": \"1\"", "factor\": \"" + factor + "\""));

            Tool.Ended replicas = tool.run("connector", "check", "-f", file.toString());
            assertThat(replicas.exitCode()).as(replicas.err()).isEqualTo(3);
            assertThat(replicas.out())
                    .contains("cannot be created with " + factor + " replicas, as Kafka has 1 brokers.");
        }

        Files.writeString(
                file,
                config.replaceAll("\\s*\"topic.creation[^\\n]*", "")
                        .replace("ByteArrayConverter\",", "ByteArrayConverter\""));
        Tool.Ended missing = tool.run("connector", "check", "-f", file.toString());
        assertThat(missing.exitCode()).as(missing.err()).isEqualTo(3);
        assertThat(missing.out()).contains("It is not there, and Connect does not create it; set topic.creation");
    }

    @Test
    void a_running_connector_is_checked_by_its_name_and_a_silent_kafka_is_said() throws Exception {
        Path file = INSTALLED.file(home, "by-name", INSTALLED.freePort(), "by-name");
        tool.run("connector", "apply", "-f", file.toString(), "--wait");

        assertThat(tool.run("connector", "check", "by-name").exitCode()).isZero();
        Tool.Ended silent = tool.run("connector", "check", "by-name", "--kafka", "127.0.0.1:" + INSTALLED.freePort());
        assertThat(silent.exitCode()).isEqualTo(4);
        assertThat(silent.err()).contains("does not answer");
        INSTALLED.rest().delete("by-name");
    }

    @Test
    void a_topic_that_can_be_none_costs_the_others_nothing() throws Exception {
        Path file = INSTALLED.file(home, "one", INSTALLED.freePort(), "one");
        Files.writeString(
                file,
                Files.readString(file).replace("\"kafka.topic\"", "\"dead.letter.topic\": \"a b\", \"kafka.topic\""));

        for (String command : List.of("connector check", "doctor")) {
            Tool.Ended ended = tool.run((command + " -f " + file).split(" ", -1));

            assertThat(ended.exitCode()).as(ended.err()).isEqualTo(3);
            assertThat(ended.out())
                    .contains("a b is no name for a Kafka topic.", "It is not there yet; Connect creates it.")
                    .doesNotContain("name the right one");
        }
    }
}
