package io.sluice.broker.server;

import static io.sluice.buffer.TestMessages.appendAll;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.numbered;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.ConsumerStats;
import io.sluice.buffer.log.LogFiles;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The offline command, as an operator uses it. */
@Timeout(60)
class BufferCommandTest {

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private String id = "";

    private BufferConfig config() {
        return new BufferConfig(Optional.of(folder), 1 << 20, Overflow.BLOCK, 1024, Duration.ZERO, Duration.ofDays(7));
    }

    @BeforeEach
    void write_a_hundred_messages() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(config())) {
            id = buffer.id();
            buffer.attach(spec("slow", "a/#"));
            Attachment fast = attach(buffer, spec("fast"));
            for (int i = 0; i < 100; i += 5) {
                appendAll(buffer, numbered(5));
            }
            read(fast, 100);
            fast.acknowledge(LanePositions.all(89));
        }
    }

    private int run(String... arguments) {
        return new CommandLine(new BufferCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println(failure.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(arguments);
    }

    private Map<String, byte[]> files() throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        try (var all = Files.list(folder)) {
            for (Path file : all.toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    @Test
    void describe_shows_positions_segments_and_consumers() {
        assertThat(run("describe", folder.toString())).isZero();
        assertThat(out.toString())
                .contains(id, "0 to 99", LogFiles.segment(0))
                .contains("slow: acknowledged up to -1 (100 behind)", "[a/#]")
                .contains("fast: acknowledged up to 89 (10 behind)");
    }

    @Test
    void check_counts_messages_by_lane_and_changes_nothing() throws Exception {
        Map<String, byte[]> before = files();
        assertThat(run("check", folder.toString())).isZero();
        assertThat(out.toString())
                .contains("Lane " + Lanes.of("device") + ": 100 messages")
                .contains("Nothing is damaged.");
        assertThat(files()).containsExactlyInAnyOrderEntriesOf(before);
    }

    @Test
    void check_shows_damaged_positions() throws Exception {
        Path segment = folder.resolve(LogFiles.segment(0));
        byte[] bytes = Files.readAllBytes(segment);
        bytes[LogFiles.SEGMENT_HEADER_BYTES + LogFiles.RECORD_HEADER_BYTES + 51 * 3 + 10] ^= 1;
        Files.write(segment, bytes);
        assertThat(run("check", folder.toString())).isEqualTo(1);
        assertThat(out.toString()).contains(LogFiles.segment(0) + ": positions 3 to 3 are damaged");
    }

    @Test
    void describe_shows_whose_qos_2_messages_are_not_released_and_check_counts_what_the_log_says_of_them() {
        try (SharedBuffer buffer = SharedBuffer.open(config())) {
            for (int id = 1; id <= 3; id++) {
                TestMessages.append(buffer, TestMessages.qos2("counter", id, "m"));
                TestMessages.append(buffer, TestMessages.qos2("gone", id, "m"));
            }
            TestMessages.release(buffer, "counter", 2).awaitSafe();
            buffer.endSession("gone");
        }
        SharedBuffer.open(config()).close();
        assertThat(run("describe", folder.toString())).isZero();
        assertThat(out.toString())
                .contains("QoS 2 messages that their clients have not released: 2 of 1 clients", "counter: 2")
                .doesNotContain("gone");
        assertThat(run("check", folder.toString())).isZero();
        assertThat(out.toString())
                .contains("QoS 2: 1 releases, 1 ends of sessions, 1 clients repeated at the start of segments");
    }

    @Test
    void forget_removes_a_consumer_and_what_was_kept_for_it() {
        assertThat(run("forget", folder.toString(), "slow")).isZero();
        try (SharedBuffer buffer = SharedBuffer.open(config())) {
            assertThat(buffer.stats().consumers())
                    .extracting(ConsumerStats::name)
                    .containsExactly("fast");
        }
        assertThat(run("forget", folder.toString(), "slow")).isEqualTo(1);
        assertThat(err.toString()).contains("'slow' is not known here; these are: fast");
    }

    @Test
    void a_folder_in_use_and_a_folder_without_a_buffer_are_refused_in_a_sentence() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(config())) {
            assertThat(run("describe", folder.toString())).isEqualTo(1);
            assertThat(err.toString())
                    .contains("is in use by a broker; stop the broker first")
                    .contains(folder.toString());
            assertThat(buffer.id()).isEqualTo(id);
        }
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThat(run("check", empty.toString())).isEqualTo(1);
        assertThat(err.toString()).contains(empty + " holds no buffer");
        assertThat(run("check", folder.resolve("nowhere").toString())).isEqualTo(1);
        assertThat(run("repair", folder.toString())).isEqualTo(2);
    }
}
