package io.sluice.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.TestProcess;
import io.sluice.message.TopicFilter;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes at full speed is killed with SIGKILL at random moments, and its folder opened again. */
@Timeout(600)
class KilledSessionStoreTest {

    @TempDir
    Path folder;

    private final Random random = new Random();
    private int messages;

    @Test
    void what_was_safe_is_there_and_what_was_removed_does_not_come_back() throws Exception {
        killAndReopen(3);
    }

    @Test
    @Tag("soak")
    void what_was_safe_is_there_and_what_was_removed_does_not_come_back_in_fifty_kills() throws Exception {
        killAndReopen(50);
    }

    private void killAndReopen(int rounds) throws Exception {
        Path dir = folder.resolve("sessions");
        int first = 0;
        for (int round = 0; round < rounds; round++) {
            first = check(dir, runAndKill(dir, first), first) + 1;
        }
        System.out.printf("%d kills, %d messages found, 0 lost, 0 come back%n", rounds, messages);
    }

    /** What the process said before it died. */
    private record Said(int safe, int removed) {}

    private Said runAndKill(Path dir, int first) throws Exception {
        Process process = TestProcess.of(
                        List.of("-Xmx128m"), SessionWriterProcess.class, dir.toString(), Integer.toString(first))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int safe = first - 1;
        int removed = -1;
        long lifetime = TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(900));
        long deadline = Long.MAX_VALUE;
        boolean killed = false;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                int number = Integer.parseInt(line.substring(2));
                if (line.startsWith("S ")) {
                    safe = number;
                } else {
                    removed = number;
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
        assertThat(safe).isGreaterThanOrEqualTo(first);
        return new Said(safe, removed);
    }

    /** Takes all that the process left; returns the highest number. */
    private int check(Path dir, Said said, int first) throws Exception {
        try (SessionStore store = SessionWriterProcess.open(dir)) {
            SessionQueue queue = store.queue(SessionWriterProcess.CLIENT);
            int last = said.removed();
            for (Optional<QueuedPublish> next = queue.take(); next.isPresent(); next = queue.take()) {
                int number = SessionWriterProcess.number(next.get().publish());
                // what was removed and not said to be may be gone
                assertThat(number).isGreaterThan(said.removed());
                assertThat(last == said.removed() || number == last + 1)
                        .as("%d after %d", number, last)
                        .isTrue();
                last = number;
                messages++;
                queue.remove(next.get());
            }
            assertThat(last).isGreaterThanOrEqualTo(Math.max(said.safe(), first));
            int retained = TestSessions.retained(store, TopicFilter.of(SessionWriterProcess.TOPIC))
                    .mapToInt(SessionWriterProcess::number)
                    .sum();
            assertThat(retained).isBetween(said.safe(), last);
            assertThat(store.stats().dropped())
                    .allSatisfy((reason, count) -> assertThat(count).isZero());
            assertThat(dir.toFile().list()).doesNotContain(Journal.NAME + ".unreadable-1");
            return last;
        }
    }
}
