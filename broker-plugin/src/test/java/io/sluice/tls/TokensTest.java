package io.sluice.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {

    private static final String TOKEN = "a-token-of-enough-characters";

    @TempDir
    private Path dir;

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LogManager.getLogger(Tokens.class);
    private final AbstractAppender appender = new AbstractAppender("tokens", null, null, true, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
            lines.add(event.getMessage().getFormattedMessage());
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void forget() {
        logger.removeAppender(appender);
    }

    @Test
    void a_file_that_is_broken_or_away_leaves_the_tokens_before_valid_and_is_said_once() throws Exception {
        Path file = Files.writeString(dir.resolve("tokens"), TOKEN + "\n");
        Tokens tokens = new Tokens(file);

        Files.writeString(file, "short\n");
        askOften(tokens);
        assertThat(lines).hasSize(1);
        Files.delete(file);
        askOften(tokens);
        assertThat(lines).hasSize(2);

        Files.writeString(file, TOKEN + "\n");
        askOften(tokens);
        Files.delete(file);
        askOften(tokens);
        assertThat(lines).as("away again").hasSize(3);
    }

    private static void askOften(Tokens tokens) {
        for (int i = 0; i < 20; i++) {
            assertThat(tokens.admission(TOKEN)).isPresent();
        }
    }
}
