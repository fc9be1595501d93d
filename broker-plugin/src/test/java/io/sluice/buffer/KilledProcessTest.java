package io.sluice.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.TestProcess;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes at full speed is killed with SIGKILL at random moments, and its folder opened again. */
@Timeout(600)
class KilledProcessTest {

    @TempDir
    Path folder;

    private final Random random = new Random();

    /** By thread, the last number that is known to be in the log. */
    private final long[] delivered = new long[BufferWriterProcess.THREADS];

    private long nextPosition;
    private long messages;

    @Test
    void nothing_that_was_safe_is_lost_and_nothing_torn_is_delivered() throws Exception {
        killAndReopen(3);
    }

    @Test
    @Tag("soak")
    void nothing_that_was_safe_is_lost_and_nothing_torn_is_delivered_in_fifty_kills() throws Exception {
        killAndReopen(50);
    }

    private void killAndReopen(int rounds) throws Exception {
        Path dir = folder.resolve("buffer");
        SharedBuffer.open(BufferWriterProcess.config(dir)).close();
        long first = 0;
        for (int round = 0; round < rounds; round++) {
            Said said = runAndKill(dir, first);
            first = check(dir, said, first) + 1;
        }
        System.out.printf("%d kills, %d messages delivered, 0 lost, 0 torn%n", rounds, messages);
    }

    /** What the process said before it died. */
    private static final class Said {
        final long[] safe = new long[BufferWriterProcess.THREADS];
        final Map<Long, String> read = new HashMap<>();
    }

    private Said runAndKill(Path dir, long first) throws Exception {
        Process process = TestProcess.of(
                        List.of("-Xmx256m"), BufferWriterProcess.class, dir.toString(), Long.toString(first))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Said said = new Said();
        Arrays.fill(said.safe, first - 1);
        long lifetime = TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(500));
        long deadline = Long.MAX_VALUE;
        boolean killed = false;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                String[] words = line.split(" ", 3);
                switch (words[0]) {
                    case "S" -> said.safe[Integer.parseInt(words[1])] = Long.parseLong(words[2]);
                    case "R" -> said.read.put(Long.parseLong(words[1]), words[2]);
                    default -> throw new AssertionError("the process said: " + line);
                }
                if (deadline == Long.MAX_VALUE) {
                    deadline = System.nanoTime() + lifetime;
                } else if (!killed && System.nanoTime() > deadline) {
                    // the process itself would close its output, of which the last lines are still to be read
                    process.toHandle().destroyForcibly();
                    killed = true;
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.waitFor()).isEqualTo(128 + 9);
        assertThat(Arrays.stream(said.safe).max().orElseThrow()).isGreaterThanOrEqualTo(first);
        return said;
    }

    /** Reads and acknowledges all that the process left; returns the highest number of any thread. */
    private long check(Path dir, Said said, long first) throws Exception {
        Arrays.fill(delivered, first - 1);
        try (SharedBuffer buffer = SharedBuffer.open(BufferWriterProcess.config(dir));
                Attachment consumer = TestMessages.attach(buffer, TestMessages.spec("reader"))) {
            while (true) {
                ReadBatch batch = consumer.read(10_000, 1 << 22, Duration.ZERO);
                assertThat(batch.gaps()).isEmpty();
                if (batch.messages().isEmpty()) {
                    break;
                }
                batch.messages().forEach(stored -> check(stored, said));
            }
            consumer.acknowledge(LanePositions.all(consumer.end() - 1));
        }
        assertThat(said.read)
                .as("positions that a reader had, and that are gone")
                .isEmpty();
        long highest = first;
        for (int thread = 0; thread < delivered.length; thread++) {
            assertThat(delivered[thread]).as("thread %d", thread).isGreaterThanOrEqualTo(said.safe[thread]);
            highest = Math.max(highest, delivered[thread]);
        }
        return highest;
    }

    private void check(StoredMessage stored, Said said) {
        ByteBuffer payload = stored.message().payload();
        int thread = (int) payload.getLong(0);
        long number = payload.getLong(8);
        assertThat(number).as("thread %d", thread).isEqualTo(delivered[thread] + 1);
        delivered[thread] = number;
        Message expected = BufferWriterProcess.message(thread, number);
        assertThat(stored.message()).isEqualTo(expected);
        assertThat(stored.position()).isGreaterThanOrEqualTo(nextPosition);
        nextPosition = stored.position() + 1;
        messages++;
        String read = said.read.remove(stored.position());
        if (read != null) {
            assertThat(read).isEqualTo(thread + " " + number);
        }
    }
}
