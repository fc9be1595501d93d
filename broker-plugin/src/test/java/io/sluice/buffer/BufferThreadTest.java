package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.LoggedEvents;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BufferThreadTest {

    @Test
    void who_closes_a_buffer_whose_disk_hangs_waits_and_the_log_says_so_once() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        BufferThread hangs = new BufferThread(
                () -> {
                    try {
                        answer.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                "hangs",
                "in a test");
        try (LoggedEvents logged = LoggedEvents.since(BufferThread.class.getName())) {
            hangs.start();
            Thread closing = new Thread(() -> hangs.awaitEnd(1));
            closing.start();
            try {
                await().until(() -> !logged.lines().isEmpty());
                assertThat(closing.isAlive()).isTrue();
            } finally {
                answer.countDown();
                closing.join();
            }
            assertThat(logged.lines())
                    .containsExactly(
                            "The disk has not taken the last changes of buffer in a test in 1 ms: closing it waits"
                                    + " for the disk");
        }
    }
}
