package io.sluice.broker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.FailingLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedRulesTest {

    @TempDir
    private Path dir;

    private Path file = Path.of("");
    private final List<List<String>> parsed = new ArrayList<>();
    private FollowedRules<Integer> rules = new FollowedRules<>("file", Path.of("pom.xml"), (path, lines) -> 0);

    @BeforeEach
    void read() throws Exception {
        file = Files.writeString(dir.resolve("file"), "1\n2\n");
        rules = new FollowedRules<>("file", file, (path, lines) -> {
            parsed.add(lines);
            if (lines.contains("broken")) {
                throw new AccessException("it is broken");
            }
            return lines.size();
        });
    }

    @Test
    void a_change_counts_when_it_was_found_the_same_twice() throws Exception {
        Files.writeString(file, "1\n2\n3\n");

        assertThat(rules.look()).isFalse();
        assertThat(rules.current()).isEqualTo(2);
        assertThat(rules.look()).isTrue();
        assertThat(rules.current()).isEqualTo(3);
        assertThat(rules.look()).isFalse();
    }

    @Test
    void a_file_that_is_being_written_is_not_taken_for_one_that_lacks_its_end() throws Exception {
        Files.writeString(file, "");
        assertThat(rules.look()).isFalse();
        Files.writeString(file, "1\n");
        assertThat(rules.look()).isFalse();
        Files.writeString(file, "1\n2\n");
        assertThat(rules.look()).isFalse();
        assertThat(rules.look()).isFalse();

        assertThat(rules.current()).isEqualTo(2);
        assertThat(parsed).hasSize(1);
    }

    @Test
    void one_that_could_not_be_read_is_read_later_though_it_has_not_changed() throws Exception {
        FileTime hourAgo = FileTime.from(Instant.now().minusSeconds(3_600));
        // Not in UTF-8, as long and as old as the one that can be read: like a disk that fails for a while.
        Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1});
        Files.setLastModifiedTime(file, hourAgo);
        for (int i = 0; i < 3; i++) {
            assertThat(rules.look()).isFalse();
        }
        Files.writeString(file, "1\n2\n3\n");
        Files.setLastModifiedTime(file, hourAgo);

        assertThat(rules.look()).as("found once").isFalse();
        assertThat(rules.look()).isTrue();
        assertThat(rules.current()).isEqualTo(3);
    }

    @Test
    void one_that_is_broken_or_away_leaves_in_force_what_it_said_and_is_parsed_once() throws Exception {
        Files.writeString(file, "broken\n");
        for (int i = 0; i < 5; i++) {
            assertThat(rules.look()).isFalse();
        }
        assertThat(parsed).hasSize(2);
        Files.delete(file);
        for (int i = 0; i < 5; i++) {
            assertThat(rules.look()).isFalse();
        }
        assertThat(rules.current()).isEqualTo(2);
        assertThat(parsed).hasSize(2);

        Files.writeString(file, "1\n2\n3\n4\n");
        assertThat(rules.look()).isFalse();
        assertThat(rules.look()).isTrue();
        assertThat(rules.current()).isEqualTo(4);
    }

    @Test
    void a_change_that_the_log_does_not_take_is_told_by_the_next_look() throws Exception {
        Files.writeString(file, "1\n");
        rules.look();
        FailingLog log = FailingLog.at(FollowedRules.class.getName(), "in force");
        assertThatThrownBy(rules::look).hasRootCauseMessage(FailingLog.MESSAGE);
        log.close();

        assertThat(rules.look()).isTrue();
        assertThat(rules.current()).isEqualTo(1);
        assertThat(rules.look()).isFalse();
    }

    @Test
    void a_change_that_was_found_when_there_was_no_memory_to_read_it_is_read_later() throws Exception {
        FileTime hourAgo = FileTime.from(Instant.now().minusSeconds(3_600));
        AtomicBoolean isFull = new AtomicBoolean();
        Files.setLastModifiedTime(file, hourAgo);
        FollowedRules<Integer> followed = new FollowedRules<>(
                "file",
                file,
                (what, path) -> {
                    if (isFull.getAndSet(false)) {
                        throw new OutOfMemoryError("in this test");
                    }
                    return TextFile.lines(what, path);
                },
                (path, lines) -> lines.size());
        followed.look();
        Files.writeString(file, "1\n");
        Files.setLastModifiedTime(file, hourAgo);
        isFull.set(true);
        assertThatThrownBy(followed::look).isInstanceOf(OutOfMemoryError.class);

        assertThat(followed.look()).as("found once").isFalse();
        assertThat(followed.look()).isTrue();
        assertThat(followed.current()).isEqualTo(1);
    }
}
