package io.sluice.broker.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class RateTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** When something was used, and how many of it. */
    private record Use(long atNanos, long count) {}

    @Property(tries = 300)
    void in_no_span_of_time_more_is_used_than_a_second_saves_up_and_the_span_brings(
            @ForAll @LongRange(min = 1, max = 2_000_000_000L) long perSecond,
            @ForAll @LongRange long begin,
            @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 1_500) Integer> pausesMs,
            @ForAll @Size(min = 1, max = 10) List<@IntRange(max = 120) Integer> percentsOfASecond) {
        Rate rate = Rate.saved(perSecond, begin);
        List<Use> uses = new ArrayList<>();
        long now = begin;
        for (int i = 0; i < pausesMs.size(); i++) {
            now += TimeUnit.MILLISECONDS.toNanos(pausesMs.get(i));
            long count = perSecond * percentsOfASecond.get(i % percentsOfASecond.size()) / 100;
            uses.add(new Use(now - begin + rate.take(count, now), count));
        }
        for (int from = 0; from < uses.size(); from++) {
            double used = 0;
            for (int to = from; to < uses.size(); to++) {
                used += uses.get(to).count;
                double span = uses.get(to).atNanos - uses.get(from).atNanos;
                double allowed = perSecond * (1 + Math.max(0, span) / SECOND) + uses.get(from).count;
                assertThat(used).isLessThanOrEqualTo(allowed * 1.000001 + 1);
            }
        }
    }

    @Property(tries = 300)
    void who_waits_has_its_turn_in_the_order_of_asking_and_not_later_than_the_rate_says(
            @ForAll @LongRange(min = 1, max = 1_000_000) long perSecond,
            @ForAll @IntRange(min = 1, max = 200) int askers) {
        Rate rate = Rate.fresh(perSecond, 0);
        long before = 0;
        for (int i = 0; i < askers; i++) {
            long wait = rate.take(1, 0);
            assertThat(wait).isGreaterThanOrEqualTo(before);
            assertThat(wait).isBetween((i - 1) * SECOND / perSecond - 1_000, i * SECOND / perSecond + 1_000);
            before = wait;
        }
    }

    @Example
    void what_is_not_used_is_saved_up_for_a_second_and_no_longer() {
        Rate rate = Rate.saved(10, 0);
        assertThat(rate.take(10, 100 * SECOND)).isZero();
        assertThat(rate.take(1, 100 * SECOND)).isEqualTo(SECOND / 10);
    }

    @Example
    void who_begins_anew_has_nothing_saved_up() {
        Rate rate = Rate.fresh(10, Long.MAX_VALUE - 5);
        assertThat(rate.take(1, Long.MAX_VALUE - 5)).isZero();
        assertThat(rate.take(1, Long.MAX_VALUE - 5)).isEqualTo(SECOND / 10);
    }

    @Example
    void one_that_is_far_too_large_waits_for_a_year_at_most() {
        Rate rate = Rate.saved(1, 0);
        assertThat(rate.take(Long.MAX_VALUE, 0)).isPositive().isLessThan(TimeUnit.DAYS.toNanos(366));
        assertThat(rate.take(Long.MAX_VALUE, 0)).isPositive().isLessThan(TimeUnit.DAYS.toNanos(366));
    }

    @Example
    void a_rate_of_nothing_is_refused() {
        assertThatThrownBy(() -> Rate.saved(0, 0)).hasMessageContaining("at least 1");
    }

    @Example
    void what_nobody_waits_for_stops_the_others_for_a_second_at_most() {
        Rate rate = Rate.saved(10, 0);
        rate.charge(5, 0);
        assertThat(rate.take(6, 0)).isEqualTo(SECOND / 10);
        rate.charge(1_000_000, 0);
        assertThat(rate.take(1, 0)).isEqualTo(SECOND + SECOND / 10);
        assertThat(rate.take(100, 0)).isEqualTo(11 * SECOND + SECOND / 10);
        rate.charge(Long.MAX_VALUE, 0);
        assertThat(rate.take(1, 0)).as("what was owed before is owed still").isEqualTo(11 * SECOND + SECOND / 5);
    }

    @Example
    void what_is_given_back_can_be_taken_by_others() {
        Rate rate = Rate.saved(10, 0);
        assertThat(rate.take(20, 0)).isEqualTo(SECOND);
        rate.giveBack(15);
        assertThat(rate.take(5, 0)).isZero();
        assertThat(rate.take(1, 0)).isEqualTo(SECOND / 10);
    }
}
