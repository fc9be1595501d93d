package io.sluice.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestPaceTest {

    private final RequestPace pace = new RequestPace(0);

    private long admitted(String from, int requests, long nowNanos) {
        return IntStream.range(0, requests)
                .filter(i -> pace.admits(InetSocketAddress.createUnresolved(from, i), nowNanos))
                .count();
    }

    @Test
    void one_address_leaves_half_of_the_answers_of_a_second_to_others() {
        assertThat(admitted("10.0.0.1", 1_000, 1)).isEqualTo(RequestPace.MOST_OF_AN_ADDRESS);
        assertThat(admitted("10.0.0.2", 40, 1)).isEqualTo(40);
        assertThat(admitted("10.0.0.3", 1_000, 1))
                .isEqualTo(RequestPace.MOST_PER_SECOND - RequestPace.MOST_OF_AN_ADDRESS - 40);
        assertThat(admitted("10.0.0.4", 1, 1)).isZero();

        assertThat(admitted("10.0.0.1", 1, TimeUnit.SECONDS.toNanos(1))).isEqualTo(1);
    }
}
