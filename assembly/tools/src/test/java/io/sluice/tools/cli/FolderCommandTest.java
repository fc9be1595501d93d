package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The folder of a real broker's buffer. */
@Timeout(60)
class FolderCommandTest {

    @TempDir
    Path home;

    private Path dir;
    private Tool tool;

    @BeforeEach
    void three_messages_wait_for_a_connector() {
        dir = home.resolve("buffer");
        tool = new Tool(home);
        try (LocalBroker broker = new LocalBroker("slow", dir)) {
            tool.with("SLUICE_BROKER", broker.address());
            Tool.Ended sent = tool.runWith("one\ntwo\nthree", "publish", "-t", "sensors/1", "-q", "1", "--lines");
            assertThat(sent.exitCode()).as(sent.err()).isZero();
            tool.run("publish", "-t", "kept", "-q", "1", "-r", "-m", "retained");
        }
    }

    @Test
    void describe_tells_what_waits_for_whom_and_changes_nothing() throws Exception {
        Map<String, byte[]> before = files();

        Tool.Ended ended = tool.run("buffer", "describe", dir.toString(), "-o", "json");

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        JsonNode found = new JsonMapper().readTree(ended.out());
        assertThat(found.path("last").asInt() - found.path("first").asInt()).isGreaterThanOrEqualTo(2);
        JsonNode slow = found.at("/connectors/0");
        assertThat(slow.path("name").asText()).isEqualTo("slow");
        assertThat(slow.path("behind").asInt()).isGreaterThanOrEqualTo(3);
        assertThat(slow.path("oldest").asText()).startsWith("20");
        assertThat(slow.path("age").asText()).matches("[0-9]+s");
        assertThat(slow.at("/filters/0").asText()).isEqualTo("sensors/#");
        assertThat(found.at("/sessions/retained").asInt()).isEqualTo(1);
        assertThat(found.path("damage")).isEmpty();
        assertThat(tool.run("buffer", "describe", dir.toString()).out())
                .contains("health     no damage shows", "sensors/#", "1 retained messages");
        assertThat(files()).containsExactlyInAnyOrderEntriesOf(before);
    }

    @Test
    void check_counts_what_waits_and_changes_nothing() throws Exception {
        Map<String, byte[]> before = files();

        Tool.Ended ended = tool.run("buffer", "check", dir.toString());

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(ended.out())
                .contains("messages   3 in 1 lanes", "waiting    3 for slow", "health     nothing is damaged")
                .doesNotContain("a start");
        assertThat(files()).containsExactlyInAnyOrderEntriesOf(before);
    }

    @Test
    void what_check_says_a_start_does_is_what_a_start_does() throws Exception {
        Path segment = damage("two");

        Tool.Ended ended = tool.run("buffer", "check", dir.toString(), "-o", "json");

        assertThat(ended.exitCode()).isEqualTo(3);
        JsonNode found = new JsonMapper().readTree(ended.out());
        assertThat(found.at("/waiting/slow").asInt()).isEqualTo(2);
        assertThat(found.at("/damage/0").asText())
                .matches(segment.getFileName() + ": positions (\\d+) to \\1 are damaged\\.");
        String start = found.at("/start/0").asText();
        assertThat(start).matches("It counts positions (\\d+) to \\1 as lost \\(1 of them\\): .*damaged.*");

        new LocalBroker("slow", dir).close();

        String lost = new JsonMapper()
                .readTree(tool.run("buffer", "describe", dir.toString(), "-o", "json")
                        .out())
                .at("/lost/0")
                .asText();
        assertThat(start)
                .contains(lost.substring(0, lost.indexOf(':')))
                .contains(lost.substring(lost.indexOf(':') + 2));
    }

    @Test
    void a_damaged_journal_of_sessions_is_found() throws Exception {
        Path journal = dir.resolve("sessions").resolve("sessions.journal");
        byte[] bytes = Files.readAllBytes(journal);
        bytes[0] ^= 1;
        Files.write(journal, bytes);

        Tool.Ended ended = tool.run("buffer", "check", dir.toString());

        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.out())
                .contains("MQTT sessions: The journal cannot be read: it does not begin as a journal does.");
    }

    @Test
    void a_connector_that_does_not_come_back_is_forgotten_after_a_question() {
        Tool.Ended asked = tool.runWith("n\n", "buffer", "forget", dir.toString(), "--connector", "slow");
        assertThat(asked.exitCode()).isEqualTo(1);
        assertThat(asked.err())
                .contains("Forget slow, for which messages wait since 20")
                .contains("The buffer still keeps messages for slow.");
        assertThat(tool.run("buffer", "describe", dir.toString()).out()).contains("slow");

        assertThat(tool.run("buffer", "forget", dir.toString(), "--connector", "slow", "--yes")
                        .exitCode())
                .isZero();

        assertThat(tool.run("buffer", "describe", dir.toString()).out()).doesNotContain("slow");
        Tool.Ended again = tool.run("buffer", "forget", dir.toString(), "--connector", "slow");
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("'slow' is not known here");
    }

    @Test
    void a_folder_that_a_broker_has_open_or_that_holds_no_buffer_is_refused_in_a_sentence() throws Exception {
        try (LocalBroker broker = new LocalBroker("slow", dir)) {
            assertThat(broker.address()).isNotEmpty();
            for (String command : new String[] {"describe", "check"}) {
                Tool.Ended refused = tool.run("buffer", command, dir.toString());
                assertThat(refused.exitCode()).isEqualTo(1);
                assertThat(refused.err())
                        .isEqualToIgnoringNewLines(dir + " is in use by a broker; stop the broker first.");
            }
            assertThat(tool.run("buffer", "forget", dir.toString(), "--connector", "slow", "--yes")
                            .err())
                    .contains("is in use by a broker");
        }
        Path empty = Files.createDirectory(home.resolve("empty"));
        assertThat(tool.run("buffer", "describe", empty.toString()).err())
                .isEqualToIgnoringNewLines(empty + " holds no buffer.");
        assertThat(empty).isEmptyDirectory();
        assertThat(tool.run("buffer", "check", home.resolve("nowhere").toString())
                        .err())
                .contains("is not a folder.");
    }

    private Path damage(String payload) throws Exception {
        try (Stream<Path> all = Files.list(dir)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file, ISO_8859_1);
                if (text.contains(payload)) {
                    Files.writeString(file, text.replace(payload, "TWO"), ISO_8859_1);
                    return file;
                }
            }
        }
        throw new AssertionError(payload + " is in no segment");
    }

    private Map<String, byte[]> files() throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(dir)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(file.toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }
}
