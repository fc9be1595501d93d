package io.sluice.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.session.TestSessions.Clocks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Logs stay short, whatever clients do. */
class LimitLogTest {

    private final Clocks clocks = new Clocks();
    private final LimitLog log = new LimitLog(new StoreClock(clocks, clocks::nanos));
    private final List<String> said = new ArrayList<>();

    private String say(String sentence) {
        said.add(sentence);
        return sentence;
    }

    @Test
    void a_limit_is_said_as_it_begins_and_as_it_ends_and_not_for_each_message() {
        LimitLog.Episode episode = new LimitLog.Episode();
        for (int i = 0; i < 1_000; i++) {
            log.count(episode, () -> say("begins"));
        }
        log.end(episode, () -> say("ends"));
        log.end(episode, () -> say("ends"));
        assertThat(said).containsExactly("begins", "ends");
        log.count(episode, () -> say("begins"));
        assertThat(said).hasSize(3);
    }

    @Test
    void a_hundred_thousand_clients_at_their_limits_make_sixty_sentences_in_ten_minutes() {
        for (int i = 0; i < 100_000; i++) {
            LimitLog.Episode episode = new LimitLog.Episode();
            log.count(episode, () -> say("begins"));
            log.end(episode, () -> say("ends"));
        }
        assertThat(said).hasSize(60);
        clocks.pass(Duration.ofMinutes(10));
        log.count(new LimitLog.Episode(), () -> say("begins"));
        assertThat(said).hasSize(61);
    }

    @Test
    void a_client_id_cannot_write_lines_of_its_own_into_a_log() {
        assertThat(LimitLog.name("a\nERROR b\u0000")).isEqualTo("'a?ERROR b?'");
        assertThat(LimitLog.name("a\u2028ERROR b\u202E")).isEqualTo("'a?ERROR b?'");
        assertThat(LimitLog.name("x".repeat(1_000))).hasSize(67);
    }
}
