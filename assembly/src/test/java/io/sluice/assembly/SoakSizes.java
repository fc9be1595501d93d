package io.sluice.assembly;

import io.sluice.testkit.JvmSizes;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/** What processes take, life by life: one that was killed begins anew. */
final class SoakSizes {

    /** From here on, what a process takes is not to grow. */
    static final Duration SETTLED = Duration.ofMinutes(5);

    private static final int LOOKS = 3;
    private static final long MIB = 1 << 20;

    /** What the producer of a task keeps for its batches: {@code producer.override.buffer.memory} of the samples. */
    private static final long TASK = 8 * MIB;

    private final Map<String, LongSupplier> processes;
    private final ToIntFunction<String> tasks;
    private final List<Life> lives = new ArrayList<>();
    private final Map<String, Life> current = new LinkedHashMap<>();

    /** A process from its start to its end. */
    record Life(String process, long pid, long beginNanos, List<Look> looks) {

        private Duration age() {
            return Duration.ofNanos(System.nanoTime() - beginNanos);
        }

        /** The looks from the fifth minute on. */
        List<Look> settled() {
            return looks.stream()
                    .filter(look -> look.age().compareTo(SETTLED) >= 0)
                    .toList();
        }

        /** Whether it was looked at often enough after it had settled: the first looks and the last are others. */
        boolean isLong() {
            return settled().size() >= 2 * LOOKS;
        }

        /** The one in the middle of the first looks after it had settled. */
        long settled(ToLongFunction<Look> what) {
            return middle(settled().subList(0, LOOKS), what);
        }

        /** The one in the middle of the last looks. */
        long last(ToLongFunction<Look> what) {
            return middle(settled().subList(settled().size() - LOOKS, settled().size()), what);
        }

        private static long middle(List<Look> looks, ToLongFunction<Look> what) {
            return looks.stream().mapToLong(what).sorted().toArray()[LOOKS / 2];
        }
    }

    /**
     * What was seen of a process.
     *
     * @param age of the process
     * @param tasks how many tasks it ran
     */
    record Look(Duration age, JvmSizes sizes, int tasks) {}

    /**
     * What is compared.
     *
     * @param isBytes whether it is a number of bytes
     * @param tolerance by how much it may be more in the end
     * @param task by how much more for each task that was added
     */
    record Size(String title, ToLongFunction<Look> value, boolean isBytes, long tolerance, long task) {

        static final List<Size> ALL = List.of(
                new Size("heap in use", look -> look.sizes().heapBytes(), true, 16 * MIB, TASK),
                new Size("direct memory", look -> look.sizes().directBytes(), true, 16 * MIB, 0),
                new Size("open descriptors", look -> look.sizes().descriptors(), false, 30, 0),
                new Size("threads", look -> look.sizes().threads(), false, 15, 0));

        String text(long number) {
            return isBytes ? Math.round(10.0 * number / MIB) / 10.0 + " MiB" : Long.toString(number);
        }
    }

    /**
     * Of some processes.
     *
     * @param processes each with the number that its process has now
     * @param tasks how many tasks a process runs now
     */
    SoakSizes(Map<String, LongSupplier> processes, ToIntFunction<String> tasks) {
        this.processes = processes;
        this.tasks = tasks;
    }

    /** Looks at all processes that live. */
    synchronized void look() {
        processes.forEach((name, pid) -> {
            long now = pid.getAsLong();
            Life life = current.get(name);
            if (life == null || life.pid() != now) {
                life = new Life(name, now, begin(now), new ArrayList<>());
                current.put(name, life);
                lives.add(life);
            }
            try {
                life.looks().add(new Look(life.age(), JvmSizes.of(now), tasks.applyAsInt(name)));
            } catch (UncheckedIOException | IllegalStateException ended) {
                // it is being killed
            }
        });
    }

    private static long begin(long pid) {
        Duration age = ProcessHandle.of(pid)
                .flatMap(process -> process.info().startInstant())
                .map(start -> Duration.between(start, Instant.now()))
                .orElse(Duration.ZERO);
        return System.nanoTime() - age.toNanos();
    }

    synchronized List<Life> lives() {
        return List.copyOf(lives);
    }

    /** What has grown, a sentence each. */
    synchronized List<String> problems(List<String> judged) {
        List<String> problems = new ArrayList<>();
        for (Life life : lives) {
            for (Size size : Size.ALL) {
                if (judged.contains(life.process()) && life.isLong()) {
                    long before = life.settled(size.value());
                    long after = life.last(size.value());
                    long added = Math.max(0, life.last(Look::tasks) - life.settled(Look::tasks));
                    if (after > before + size.tolerance() + size.task() * added) {
                        problems.add(life.process() + ": " + size.title() + " was " + size.text(before)
                                + " after five minutes and " + size.text(after) + " in the end, with " + added
                                + " more tasks");
                    }
                }
            }
        }
        return problems;
    }
}
