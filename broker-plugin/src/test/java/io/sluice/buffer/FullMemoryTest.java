package io.sluice.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.TestProcess;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An append for which the direct memory does not suffice. */
@Timeout(60)
class FullMemoryTest {

    /** Whoever appends takes all of it for refused, and a device sends it again. */
    @Test
    void leaves_nothing_of_itself_in_the_log() throws Exception {
        Process process = TestProcess.of(List.of("-XX:MaxDirectMemorySize=1m"), FullMemoryProcess.class)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();

        String output = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output.lines()).containsSequence("failed", "failed", "0 before", "1 after");
    }

    @Test
    void a_buffer_in_memory_that_the_heap_cannot_hold_waits_to_be_drained_as_on_a_full_disk() throws Exception {
        Process process = TestProcess.of(List.of("-Xmx64m"), FullHeapProcess.class)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();

        String output = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output.lines()).contains("stopped: false", "goes on");
    }
}
