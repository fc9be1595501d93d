package io.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.LoggedEvents;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {

    private static final String TOKEN = "a-token-of-enough-characters";

    @TempDir
    private Path dir;

    @RegisterExtension
    private final LoggedEvents logged = LoggedEvents.of(Tokens.class.getName());

    @Test
    void a_file_that_is_broken_or_away_leaves_the_tokens_before_valid_and_is_said_once() throws Exception {
        Path file = Files.writeString(dir.resolve("tokens"), TOKEN + "\n");
        Tokens tokens = new Tokens(file);

        Files.writeString(file, "short\n");
        askOften(tokens);
        assertThat(logged.lines()).hasSize(1);
        Files.delete(file);
        askOften(tokens);
        assertThat(logged.lines()).hasSize(2);

        Files.writeString(file, TOKEN + "\n");
        askOften(tokens);
        Files.delete(file);
        askOften(tokens);
        assertThat(logged.lines()).as("away again").hasSize(3);
    }

    @Test
    void a_file_that_could_not_be_read_is_read_later_though_it_has_not_changed() throws Exception {
        FileTime hourAgo = FileTime.from(Instant.now().minusSeconds(3_600));
        String other = "another" + TOKEN;
        Path file = Files.writeString(dir.resolve("tokens"), TOKEN + "\n");
        Tokens tokens = new Tokens(file);

        // As long and as old as the one that can be read: like a disk that fails for a while.
        Files.writeString(file, " ".repeat(other.length()));
        Files.setLastModifiedTime(file, hourAgo);
        askOften(tokens);
        Files.writeString(file, other);
        Files.setLastModifiedTime(file, hourAgo);

        assertThat(tokens.admission(other)).isPresent();
        assertThat(tokens.admission(TOKEN)).isEmpty();
        assertThat(logged.lines()).hasSize(1);
    }

    private static void askOften(Tokens tokens) {
        for (int i = 0; i < 20; i++) {
            assertThat(tokens.admission(TOKEN)).isPresent();
        }
    }
}
