package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ArrivalTimesTest {

    private final AtomicLong nowMs = new AtomicLong(1_000_000);
    private final InstantSource clock = () -> Instant.ofEpochMilli(nowMs.get());
    private final ArrivalTimes arrivals = new ArrivalTimes(List.of(), 10, clock);

    @Test
    void a_position_has_waited_at_least_since_it_was_first_seen() {
        pass(5_000);
        arrivals.note(20);
        pass(3_000);
        arrivals.note(20);

        assertThat(arrivals.ageMs(19)).isEqualTo(3_000);
        assertThat(arrivals.ageMs(10)).isEqualTo(3_000);
        assertThat(arrivals.ageMs(9)).isEqualTo(8_000);
        assertThat(arrivals.newestAt()).contains(Instant.ofEpochMilli(1_005_000));
    }

    @Test
    void what_nobody_has_seen_yet_has_not_waited() {
        assertThat(arrivals.ageMs(10)).isZero();
        assertThat(arrivals.newestAt()).isEmpty();
    }

    @Test
    void a_week_takes_no_more_memory_than_a_minute_and_ages_stay_about_right() {
        int week = 7 * 24 * 3_600;
        for (int second = 1; second <= week; second++) {
            pass(1_000);
            arrivals.note(10 + second);
        }

        for (int ageSeconds : List.of(1, 60, 3_600, week / 2, week - 1)) {
            assertThat(arrivals.ageMs(10 + week - ageSeconds))
                    .as(ageSeconds + " s")
                    .isBetween(ageSeconds * 940L - 2_000, ageSeconds * 1_000L);
        }
    }

    private void pass(long ms) {
        nowMs.addAndGet(ms);
    }
}
