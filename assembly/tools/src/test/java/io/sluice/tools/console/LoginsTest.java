package io.sluice.tools.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LoginsTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final Logins logins = new Logins(now::get);

    @Test
    void a_session_ends_twelve_hours_after_its_last_use() {
        String key = logins.open();
        pass(Duration.ofHours(11));
        assertThat(logins.knows(key)).isTrue();
        pass(Duration.ofHours(11));
        assertThat(logins.knows(key)).isTrue();

        pass(Duration.ofHours(13));

        assertThat(logins.knows(key)).isFalse();
    }

    @Test
    void the_sessions_are_bounded_and_the_one_that_was_not_used_for_longest_gives_way() {
        String oldest = logins.open();
        String used = logins.open();
        for (int i = 0; i < 63; i++) {
            assertThat(logins.knows(used)).isTrue();
            logins.open();
        }

        assertThat(logins.knows(oldest)).isFalse();
        assertThat(logins.knows(used)).isTrue();
    }

    @Test
    void a_token_counts_once() {
        String token = logins.newToken();

        assertThat(logins.redeem("another")).isEmpty();
        assertThat(logins.redeem(token).filter(logins::knows)).isPresent();
        assertThat(logins.redeem(token)).isEmpty();
    }

    private void pass(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
    }
}
