package io.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.LoggedEvents;
import io.sluice.file.FollowedFile;
import io.sluice.file.HangingFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {

    private static final String TOKEN = "a-token-of-enough-characters";
    private static final String OTHER = "another" + TOKEN;

    @TempDir
    private Path dir;

    @RegisterExtension
    private final LoggedEvents logged = LoggedEvents.of(Tokens.class.getName());

    @Test
    void a_file_that_is_broken_or_away_leaves_the_tokens_before_valid_and_is_said_once() throws Exception {
        Path file = Files.writeString(dir.resolve("tokens"), TOKEN + "\n");
        Tokens tokens = new Tokens(file);

        Files.writeString(file, "short\n");
        await().untilAsserted(() -> assertThat(said(file)).hasSize(1));
        Files.delete(file);
        await().untilAsserted(() -> assertThat(said(file)).hasSize(2));
        assertThat(tokens.admission(TOKEN)).isPresent();

        Files.writeString(file, OTHER + "\n");
        await().until(() -> tokens.admission(OTHER).isPresent());
        Files.delete(file);
        await().untilAsserted(() -> assertThat(said(file)).as("away again").hasSize(3));
        assertThat(tokens.admission(OTHER)).isPresent();
    }

    @Test
    void a_file_that_could_not_be_read_is_read_later_though_it_has_not_changed() throws Exception {
        FileTime hourAgo = FileTime.from(Instant.now().minusSeconds(3_600));
        Path file = Files.writeString(dir.resolve("tokens"), TOKEN + "\n");
        Tokens tokens = new Tokens(file);

        // As long and as old as the one that can be read: like a disk that fails for a while.
        Files.writeString(file, " ".repeat(OTHER.length()));
        Files.setLastModifiedTime(file, hourAgo);
        await().until(() -> said(file).size() == 1);
        Files.writeString(file, OTHER);
        Files.setLastModifiedTime(file, hourAgo);

        await().until(() -> tokens.admission(OTHER).isPresent());
        assertThat(tokens.admission(TOKEN)).isEmpty();
        assertThat(said(file)).hasSize(1);
    }

    @Test
    void a_file_that_is_half_written_ends_no_session() throws Exception {
        Path file = Files.writeString(dir.resolve("tokens"), TOKEN + "\n");
        Tokens tokens = new Tokens(new FollowedFile(file));

        Files.writeString(file, OTHER + "\n");
        tokens.look();
        assertThat(tokens.admission(TOKEN)).isPresent();

        Files.writeString(file, OTHER + "\n" + TOKEN + "\n");
        tokens.look();
        tokens.look();
        assertThat(tokens.admission(TOKEN)).isPresent();
        assertThat(tokens.admission(OTHER)).isPresent();
    }

    @Test
    void a_file_on_a_disk_that_hangs_keeps_nobody_waiting() throws Exception {
        Path file = Files.writeString(dir.resolve("tokens"), TOKEN + "\n");
        Tokens tokens = new Tokens(file);
        ExecutorService threads = Executors.newCachedThreadPool();
        try (HangingFile hanging = new HangingFile(file)) {
            Future<Boolean> first = threads.submit(() -> tokens.admission(TOKEN).isPresent());
            await().until(hanging::isRead);

            Future<Boolean> second =
                    threads.submit(() -> tokens.admission(TOKEN).isPresent());
            assertThat(first.get(10, TimeUnit.SECONDS)).isTrue();
            assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            threads.shutdownNow();
        }
    }

    /** Tokens of other tests may be followed still. */
    private List<String> said(Path file) {
        return logged.lines().stream()
                .filter(line -> line.contains(file.toString()))
                .toList();
    }
}
