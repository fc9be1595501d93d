package io.sluice.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.TestProcess;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What fits into a small heap when each session queues messages of its own. */
@Timeout(600)
class SessionHeapTest {

    @TempDir
    Path folder;

    @Test
    void a_heap_of_64_mebibytes_carries_a_thousand_queues_of_a_thousand_messages() throws Exception {
        assertFits("-Xmx64m", 1_000, 1_000);
    }

    @Test
    @Tag("soak")
    void a_heap_of_256_mebibytes_carries_ten_thousand_queues_of_a_thousand_messages() throws Exception {
        assertFits("-Xmx256m", 10_000, 1_000);
    }

    private void assertFits(String heap, int sessions, int messages) throws Exception {
        int exitCode = TestProcess.of(
                        List.of(heap, "-XX:+ExitOnOutOfMemoryError"),
                        SessionHeapProcess.class,
                        folder.resolve("sessions").toString(),
                        Integer.toString(sessions),
                        Integer.toString(messages))
                .inheritIO()
                .start()
                .waitFor();
        assertThat(exitCode).isZero();
    }
}
