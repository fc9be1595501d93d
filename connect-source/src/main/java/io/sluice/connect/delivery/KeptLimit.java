package io.sluice.connect.delivery;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many settled records the memory of this process may remember because one before them is not settled. Kafka Connect
 * keeps the offset of each, and this plugin its {@link Delivery}. The tasks of the process share an eighth of the heap;
 * thread-safe.
 */
final class KeptLimit {

    /** Of a task, however many there are: less would be reached by partitions of which one is merely slower. */
    private static final int LEAST = 100_000;

    /** What a record takes in both places. */
    private static final int BYTES = 600;

    private static final AtomicInteger TASKS = new AtomicInteger();

    private KeptLimit() {}

    static void begin() {
        TASKS.incrementAndGet();
    }

    static void end() {
        TASKS.decrementAndGet();
    }

    static long perTask() {
        return perTask(Runtime.getRuntime().maxMemory(), TASKS.get());
    }

    static long perTask(long heapBytes, int tasks) {
        return Math.max(LEAST, heapBytes / 8 / BYTES / Math.max(1, tasks));
    }
}
