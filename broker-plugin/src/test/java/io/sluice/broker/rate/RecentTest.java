package io.sluice.broker.rate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class RecentTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Property(tries = 300)
    void each_time_is_forgotten_one_after_the_other(
            @ForAll @LongRange long begin, @ForAll @Size(min = 1, max = 50) List<@IntRange(max = 3) Integer> pauses) {
        Recent<String> recent = new Recent<>(Duration.ofSeconds(1), 20, 4);
        long now = begin;
        int expected = 0;
        for (int pause : pauses) {
            now += pause * SECOND;
            expected = Math.min(20, Math.max(0, expected - pause) + 1);
            assertThat(recent.add("x", 1, now)).isEqualTo(expected);
            assertThat(recent.times("x", now)).isEqualTo(expected);
            assertThat(recent.times("y", now)).isZero();
        }
        assertThat(recent.times("x", now + 20 * SECOND)).isZero();
    }

    @Example
    void the_most_recent_are_remembered_and_no_more() {
        Recent<Integer> recent = new Recent<>(Duration.ofHours(1), 10, 3);
        for (int i = 0; i < 100; i++) {
            recent.add(0, 1, i);
            recent.add(i, 1, i);
        }
        assertThat(recent.times(0, 100)).isEqualTo(10);
        assertThat(recent.times(99, 100)).isEqualTo(1);
        assertThat(recent.times(96, 100)).isZero();
    }

    @Example
    void a_client_that_flaps_is_held_off_for_a_minute_however_often_it_tries() {
        Flapping flapping = new Flapping(10);
        Optional<String> ann = Optional.of("ann");
        for (int i = 0; i < 10; i++) {
            assertThat(flapping.mayConnect(ann, "c", 0)).isTrue();
        }
        for (int second = 0; second < 54; second++) {
            assertThat(flapping.mayConnect(ann, "c", second * SECOND)).isFalse();
            assertThat(flapping.mayConnect(Optional.of("bob"), "c", 10 * SECOND * second))
                    .isTrue();
        }
        assertThat(flapping.mayConnect(ann, "c", 61 * SECOND)).isTrue();
    }

    @Example
    void a_client_that_comes_back_every_few_seconds_is_never_held_off() {
        Flapping flapping = new Flapping(10);
        for (int i = 0; i < 1_000; i++) {
            assertThat(flapping.mayConnect(Optional.empty(), "c", 6 * SECOND * i))
                    .isTrue();
        }
    }

    @Example
    void long_names_that_begin_alike_are_told_apart() {
        Flapping flapping = new Flapping(1);
        String name = "x".repeat(60_000);
        assertThat(flapping.mayConnect(Optional.empty(), name + "1", 0)).isTrue();
        assertThat(flapping.mayConnect(Optional.empty(), name + "2", 0)).isTrue();
        assertThat(flapping.mayConnect(Optional.empty(), name + "1", 0)).isFalse();
    }

    @Example
    void addresses_of_one_ipv6_network_are_one_origin() throws UnknownHostException {
        assertThat(origin("2001:db8::1")).isEqualTo(origin("2001:db8::ffff:1")).isNotEqualTo(origin("2001:db8:0:1::1"));
        assertThat(origin("192.0.2.1")).isNotEqualTo(origin("192.0.2.2")).isEqualTo(origin("::ffff:192.0.2.1"));
        assertThat(origin("0.0.0.0")).isNotEqualTo(origin("::"));
    }

    private static Origin origin(String address) throws UnknownHostException {
        return Origin.of(InetAddress.getByName(address));
    }
}
