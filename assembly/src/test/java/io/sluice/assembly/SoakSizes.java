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
import java.util.function.ToLongFunction;

/** What processes take, life by life: one that was killed begins anew. */
final class SoakSizes {

    /** From here on, what a process takes is not to grow. */
    static final Duration SETTLED = Duration.ofMinutes(5);

    private static final int LOOKS = 3;
    private static final long MIB = 1 << 20;

    private final Map<String, LongSupplier> processes;
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
        long settled(ToLongFunction<JvmSizes> what) {
            return middle(settled().subList(0, LOOKS), what);
        }

        /** The one in the middle of the last looks. */
        long last(ToLongFunction<JvmSizes> what) {
            return middle(settled().subList(settled().size() - LOOKS, settled().size()), what);
        }

        private static long middle(List<Look> looks, ToLongFunction<JvmSizes> what) {
            return looks.stream()
                    .mapToLong(look -> what.applyAsLong(look.sizes()))
                    .sorted()
                    .toArray()[LOOKS / 2];
        }
    }

    /** @param age of the process */
    record Look(Duration age, JvmSizes sizes) {}

    /**
     * What is compared.
     *
     * @param isBytes whether it is a number of bytes
     * @param tolerance by how much it may be more in the end
     */
    record Size(String title, ToLongFunction<JvmSizes> value, boolean isBytes, long tolerance) {

        static final List<Size> ALL = List.of(
                new Size("heap in use", JvmSizes::heapBytes, true, 16 * MIB),
                new Size("direct memory", JvmSizes::directBytes, true, 16 * MIB),
                new Size("open descriptors", JvmSizes::descriptors, false, 30),
                new Size("threads", JvmSizes::threads, false, 15));

        String text(long number) {
            return isBytes ? Math.round(10.0 * number / MIB) / 10.0 + " MiB" : Long.toString(number);
        }
    }

    /** @param processes each with the number that its process has now */
    SoakSizes(Map<String, LongSupplier> processes) {
        this.processes = processes;
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
                life.looks().add(new Look(life.age(), JvmSizes.of(now)));
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
                    if (after > before + size.tolerance()) {
                        problems.add(life.process() + ": " + size.title() + " was " + size.text(before)
                                + " after five minutes and " + size.text(after) + " in the end");
                    }
                }
            }
        }
        return problems;
    }
}
