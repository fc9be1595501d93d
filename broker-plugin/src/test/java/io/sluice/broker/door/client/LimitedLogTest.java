package io.sluice.broker.door.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.LoggedEvents;
import io.sluice.broker.door.client.LimitedLog.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

class LimitedLogTest {

    @RegisterExtension
    private final LoggedEvents logged = LoggedEvents.of(LimitedLogTest.class.getName());

    private final LimitedLog log = new LimitedLog(LoggerFactory.getLogger(LimitedLogTest.class));

    @Test
    void what_a_device_chooses_begins_no_line_in_the_log_and_is_no_longer_than_a_reader_needs() {
        log.say(Kind.FAILED, "Refusing {} of {}", "a\n2026-01-01 ERROR forged\u001b[2J", "x".repeat(10_000));

        assertThat(logged.events()).hasSize(1);
        assertThat(logged.events().get(0).getMessage().getFormattedMessage())
                .startsWith("Refusing a?2026-01-01 ERROR forged?[2J of xxx")
                .hasSizeLessThan(600);
    }

    @Test
    void what_a_device_chooses_controls_no_terminal_and_turns_no_text() {
        log.say(Kind.FAILED, "Refusing {}", "a\u0085b\u2028c\u2029d\u202Ee\u200Bf\u009Bg é 漢 😀");

        assertThat(logged.events().get(0).getMessage().getFormattedMessage())
                .isEqualTo("Refusing a?b?c?d?e?f?g é 漢 😀");
    }

    @Test
    void the_trace_of_a_failure_is_kept() {
        Exception failure = new IllegalStateException("it failed");

        log.say(Kind.FAILED, "A command of client '{}' failed", "c", failure);

        assertThat(logged.events()).hasSize(1);
        assertThat(logged.events().get(0).getThrown()).isSameAs(failure);
    }
}
