package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.connect.Events;
import io.sluice.connect.FailingLog;
import io.sluice.connect.delivery.SilenceWatch.Silence;
import io.sluice.connect.telemetry.TaskEvents;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
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

    @Test
    void a_silence_and_its_end_are_told_once_although_the_log_throws() throws Exception {
        AtomicBoolean isSilent = new AtomicBoolean(true);
        AtomicInteger looks = new AtomicInteger();
        FailingLog log = FailingLog.at(SilenceWatch.class.getName(), "silent-unlogged");
        SilenceWatch watch = new SilenceWatch("silent-unlogged", TaskEvents.of("silent-unlogged", 0), () -> {
            looks.incrementAndGet();
            return isSilent.get() ? Optional.of(Silence.of(20_000, "t", false)) : Optional.empty();
        });
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> looks.get() > 2);
            isSilent.set(false);
            int before = looks.get();
            await().atMost(Duration.ofSeconds(20)).until(() -> looks.get() > before + 2);
            assertThat(Events.of("silent-unlogged")).containsExactly("kafka.silent", "kafka.answers");
        } finally {
            watch.close();
            log.close();
        }
    }
}
