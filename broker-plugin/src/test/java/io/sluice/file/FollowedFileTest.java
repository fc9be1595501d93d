package io.sluice.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedFileTest {

    private static final int HANDSHAKES = 100;

    @TempDir
    private Path dir;

    private final AtomicLong ns = new AtomicLong();

    private static int readings(FollowedFile file) throws Exception {
        int readings = 0;
        for (int i = 0; i < HANDSHAKES; i++) {
            readings += file.mayHaveChanged() ? 1 : 0;
        }
        return readings;
    }

    @Test
    void a_file_from_the_future_rests_once_it_was_the_same_for_three_seconds() throws Exception {
        Path path = Files.writeString(dir.resolve("keys"), "one");
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().plus(Duration.ofDays(1))));
        FollowedFile file = new FollowedFile(path, ns::get);

        assertThat(readings(file)).as("it may still be written").isEqualTo(HANDSHAKES);
        ns.addAndGet(Duration.ofSeconds(3).toNanos());
        assertThat(readings(file)).as("what was written last is read").isEqualTo(1);
        assertThat(readings(file)).isZero();

        Files.writeString(path, "two, written when the clock had been set back");
        assertThat(readings(file)).isEqualTo(HANDSHAKES);
        ns.addAndGet(Duration.ofSeconds(3).toNanos());
        assertThat(readings(file)).isEqualTo(1);
    }

    @Test
    void a_file_that_goes_on_changing_does_not_rest() throws Exception {
        Path path = Files.writeString(dir.resolve("keys"), "one");
        FileTime tomorrow = FileTime.from(Instant.now().plus(Duration.ofDays(1)));
        FollowedFile file = new FollowedFile(path, ns::get);
        for (int i = 0; i < 5; i++) {
            Files.writeString(path, "x".repeat(i));
            Files.setLastModifiedTime(path, tomorrow);
            assertThat(readings(file)).isEqualTo(HANDSHAKES);
            ns.addAndGet(Duration.ofSeconds(2).toNanos());
        }
    }

    /** Images and packages whose files all have one time are made so. */
    @Test
    void what_replaces_a_file_has_changed_although_its_time_and_its_size_are_the_same() throws Exception {
        FileTime once = FileTime.from(Instant.EPOCH);
        Path path = Files.writeString(dir.resolve("keys"), "one");
        Files.setLastModifiedTime(path, once);
        FollowedFile file = new FollowedFile(path, ns::get);
        readings(file);
        assertThat(readings(file)).isZero();

        Path two = Files.writeString(dir.resolve("new-keys"), "two");
        Files.setLastModifiedTime(two, once);
        Files.move(two, path, StandardCopyOption.ATOMIC_MOVE);

        assertThat(readings(file)).isEqualTo(1);
    }
}
