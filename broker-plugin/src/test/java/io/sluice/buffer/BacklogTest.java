package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.TestProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** However much waits for its consumer, it waits on the disk and not on the heap. */
@Timeout(900)
class BacklogTest {

    @TempDir
    Path folder;

    @Test
    void a_backlog_of_ten_times_the_heap_fits() throws Exception {
        assertFits("-Xmx32m", 320L << 20);
    }

    @Test
    @Tag("soak")
    void a_backlog_of_five_gigabytes_fits_beside_a_heap_of_256_megabytes() throws Exception {
        assertFits("-Xmx256m", 5L << 30);
    }

    private void assertFits(String heap, long bytes) throws Exception {
        Process process = TestProcess.of(
                        List.of(heap),
                        BacklogProcess.class,
                        folder.resolve("buffer").toString(),
                        Long.toString(bytes))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).contains("messages were read twice");
        assertThat(process.waitFor()).isZero();
    }
}
