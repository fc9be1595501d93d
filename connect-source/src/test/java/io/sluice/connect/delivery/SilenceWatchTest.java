package io.sluice.connect.delivery;

import static org.awaitility.Awaitility.await;

import io.sluice.connect.telemetry.TaskEvents;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class SilenceWatchTest {

    @Test
    void a_look_that_fails_is_not_the_last_one() {
        AtomicInteger looks = new AtomicInteger();
        SilenceWatch watch = new SilenceWatch("silent", TaskEvents.of("silent", 0), () -> {
            if (looks.incrementAndGet() == 1) {
                throw new AssertionError("for once");
            }
            return Optional.empty();
        });
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> looks.get() > 1);
        } finally {
            watch.close();
        }
    }
}
