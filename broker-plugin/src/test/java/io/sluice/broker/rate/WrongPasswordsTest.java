package io.sluice.broker.rate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.rate.WrongPasswords.Attempt;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class WrongPasswordsTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private static Attempt attempt(int origin, String user) {
        return new Attempt(new Origin(origin, false), user, 200);
    }

    private static long guess(WrongPasswords guard, Attempt attempt, long now) {
        OptionalLong delay = guard.arrive(attempt, now);
        if (delay.orElse(0) > 0) {
            guard.hasWaited(attempt);
        }
        guard.wrong(attempt, now);
        return delay.orElseThrow();
    }

    @Example
    void the_first_are_free_and_from_then_on_each_waits_twice_as_long_up_to_the_longest() {
        WrongPasswords guard = new WrongPasswords(LONGEST);
        for (int i = 0; i < 5; i++) {
            assertThat(guess(guard, attempt(1, "user-" + i), 0)).isZero();
        }
        for (long delay : new long[] {SECOND / 4, SECOND / 2, SECOND, 2 * SECOND, 4 * SECOND, 5 * SECOND, 5 * SECOND}) {
            assertThat(guess(guard, attempt(1, "other"), 0)).isEqualTo(delay);
        }
        assertThat(guess(guard, attempt(2, "unconcerned"), 0)).isZero();
        assertThat(guess(guard, attempt(1, "late"), 3_600 * SECOND))
                .as("forgotten")
                .isZero();
    }

    @Property(tries = 200)
    void whatever_others_try_a_user_waits_for_no_longer_than_the_longest_and_is_never_refused(
            @ForAll @Size(min = 1, max = 300) List<@IntRange(max = 20) Integer> origins) {
        WrongPasswords guard = new WrongPasswords(LONGEST);
        for (int origin : origins) {
            guess(guard, attempt(origin, "ann"), 0);
        }
        assertThat(guard.arrive(attempt(99, "ann"), 0).orElseThrow()).isBetween(0L, LONGEST.toNanos());
    }

    @Example
    void who_has_come_from_there_before_does_not_wait_for_what_others_do() {
        WrongPasswords guard = new WrongPasswords(LONGEST);
        Attempt ann = attempt(1, "ann");
        guard.right(ann);
        for (int i = 0; i < 50; i++) {
            guess(guard, attempt(2, "ann"), 0);
            guess(guard, attempt(1, "guess-" + i), 0);
        }
        assertThat(guard.arrive(ann, 0)).hasValue(0);
        assertThat(guard.arrive(attempt(1, "bob"), 0).orElseThrow()).isPositive();

        guard.wrong(ann, 0);
        assertThat(guard.arrive(ann, 0).orElseThrow())
                .as("somebody else may be there too")
                .isPositive();
    }

    @Example
    void from_one_origin_only_so_many_wait_at_once_and_others_are_not_concerned() {
        WrongPasswords guard = new WrongPasswords(LONGEST);
        for (int i = 0; i < 10; i++) {
            guess(guard, attempt(1, "ann"), 0);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(guard.arrive(attempt(1, "ann"), 0)).isPresent();
        }
        assertThat(guard.arrive(attempt(1, "ann"), 0)).isEmpty();
        assertThat(guard.arrive(attempt(2, "ann"), 0)).isPresent();
        guard.hasWaited(attempt(1, "ann"));
        assertThat(guard.arrive(attempt(1, "ann"), 0)).isPresent();
    }

    @Example
    void with_no_delay_nobody_waits() {
        WrongPasswords off = new WrongPasswords(Duration.ZERO);
        for (int i = 0; i < 30; i++) {
            off.wrong(attempt(1, "ann"), 0);
        }
        assertThat(off.arrive(attempt(1, "ann"), 0)).hasValue(0);
    }

    @Example
    void who_has_not_guessed_does_not_pay_for_those_who_fill_the_memory() {
        WrongPasswords guard = new WrongPasswords(LONGEST);
        for (int i = 0; i < 10; i++) {
            guess(guard, attempt(1, "ann"), 0);
            guess(guard, attempt(2, "bob"), 0);
        }
        for (int i = 0; i < 64; i++) {
            assertThat(guard.arrive(new Attempt(new Origin(1, false), "ann", 128 << 10), 0))
                    .isPresent();
        }
        assertThat(guard.arrive(attempt(1, "ann"), 0)).isEmpty();
        assertThat(guard.arrive(attempt(2, "ann"), 0)).isEmpty();
        assertThat(guard.arrive(attempt(3, "ann"), 0)).hasValue(0);
    }
}
