package io.sluice.broker.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.door.LimitedLog.Kind;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LimitedLogTest {

    private final List<LogEvent> said = new ArrayList<>();
    private final Logger logger = (Logger) LogManager.getLogger(FrontDoor.class.getName());
    private final AbstractAppender appender = new AbstractAppender("said", null, null, true, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
            said.add(event.toImmutable());
        }
    };
    private final LimitedLog log = new LimitedLog();

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
    void what_a_device_chooses_begins_no_line_in_the_log_and_is_no_longer_than_a_reader_needs() {
        log.say(Kind.FAILED, "Refusing {} of {}", "a\n2026-01-01 ERROR forged\u001b[2J", "x".repeat(10_000));

        assertThat(said).hasSize(1);
        assertThat(said.get(0).getMessage().getFormattedMessage())
                .startsWith("Refusing a?2026-01-01 ERROR forged?[2J of xxx")
                .hasSizeLessThan(600);
    }

    @Test
    void the_trace_of_a_failure_is_kept() {
        Exception failure = new IllegalStateException("it failed");

        log.say(Kind.FAILED, "A command of client '{}' failed", "c", failure);

        assertThat(said).hasSize(1);
        assertThat(said.get(0).getThrown()).isSameAs(failure);
    }
}
