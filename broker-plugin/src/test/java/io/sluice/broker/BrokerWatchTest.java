package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.LoggedEvents;
import io.sluice.status.StatusEvents;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BrokerWatchTest {

    @RegisterExtension
    private final LoggedEvents logged = LoggedEvents.of(BrokerWatch.class.getName());

    @Test
    void looks_that_fail_are_not_the_last_ones_and_are_said_once() {
        AtomicInteger looks = new AtomicInteger();
        try (TestBroker broker = TestBroker.start()) {
            BrokerStats stats = broker.broker().stats();
            try (BrokerWatch watch = BrokerWatch.begin(
                    new StatusEvents(),
                    "watched",
                    "tcp://127.0.0.1:1",
                    () -> {
                        // The first is asked for before the watch begins.
                        int look = looks.getAndIncrement();
                        if (look == 1 || look == 2) {
                            throw new AssertionError("look " + look);
                        }
                        return stats;
                    },
                    Optional.empty())) {
                await().atMost(Duration.ofSeconds(20)).until(() -> looks.get() > 3);
                assertThat(watch.freeBytes()).as("of a buffer in memory").isEmpty();
            }
            assertThat(logged.lines())
                    .containsExactly("The broker cannot report events now, and tries again every second");
        }
    }
}
