package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GroupTimesTest {

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
    private final GroupTimes times = new GroupTimes(clock::get);

    @Test
    void averages_and_extremes_are_those_of_the_groups_added() {
        times.add(1, Duration.ofMillis(2).toNanos());
        times.add(9, Duration.ofMillis(4).toNanos());

        assertThat(times.recent()).isEqualTo(new BufferStats.RecentGroups(5, 9, 3, 4));
    }

    @Test
    void without_groups_everything_is_zero() {
        assertThat(times.recent()).isEqualTo(new BufferStats.RecentGroups(0, 0, 0, 0));
    }

    @Test
    void what_is_older_than_a_minute_is_forgotten_and_what_is_younger_than_half_a_minute_is_not() {
        times.add(100, 1);
        pass(29);
        times.add(10, 1);
        pass(2);
        times.add(1, 1);
        assertThat(times.recent().mostRecords()).isEqualTo(100);

        pass(30);
        assertThat(times.recent().mostRecords()).isEqualTo(1);

        pass(60);
        assertThat(times.recent().mostRecords()).isZero();
    }

    private void pass(long seconds) {
        clock.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }
}
