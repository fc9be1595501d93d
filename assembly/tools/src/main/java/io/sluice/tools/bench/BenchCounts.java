package io.sluice.tools.bench;

import io.sluice.tools.mqtt.MqttDevice;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** What happened, and how long after it was to happen. Many threads count; one looks. */
public final class BenchCounts {

    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final int DIGITS = 3;

    private final Recorder recorder = new Recorder(LONGEST_MICROS, DIGITS);
    private final Histogram all = new Histogram(LONGEST_MICROS, DIGITS);
    private final LongAdder begun = new LongAdder();
    private final LongAdder done = new LongAdder();
    private final LongAdder undone = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder broken = new LongAdder();
    private final LongAdder repeated = new LongAdder();
    private final ConcurrentMap<String, LongAdder> failures = new ConcurrentHashMap<>();

    void begin(long things) {
        begun.add(things);
    }

    /** Something is done that was to begin at a time of {@link System#nanoTime}. */
    void done(long intendedNanos) {
        done.increment();
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - intendedNanos);
        recorder.recordValue(Math.min(LONGEST_MICROS, Math.max(0, micros)));
    }

    /** Something that was to begin at a time of {@link System#nanoTime} is done, or has failed. */
    void ended(long intendedNanos, @Nullable Throwable failure) {
        if (failure == null) {
            done(intendedNanos);
        } else {
            undone.increment();
            failed(failure);
        }
    }

    /** Something failed that is none of the things that are counted. */
    void failed(Throwable failure) {
        failures.computeIfAbsent(MqttDevice.reason(failure), unknown -> new LongAdder())
                .increment();
    }

    void connectionLost() {
        lost.increment();
    }

    /** A link broke, as it was to. */
    void linkBroken() {
        broken.increment();
    }

    /** A message came once more. */
    void repeated() {
        repeated.increment();
    }

    /** How many things were begun and are neither done nor failed. */
    public long outstanding() {
        return begun.sum() - done.sum() - undone.sum();
    }

    /**
     * What has happened since the last look, or since the beginning.
     *
     * @param begun what was begun, since the beginning
     * @param done what is done, since the beginning
     * @param outstanding what is neither done nor failed
     * @param lost connections that were lost, since the beginning
     * @param broken connections that were lost because the link was to break, since the beginning
     * @param repeated messages that came once more, since the beginning
     * @param failures how much failed, by reason, since the beginning
     * @param micros how long after they were to begin things were done, in microseconds; not to be changed
     */
    public record Look(
            long begun,
            long done,
            long outstanding,
            long lost,
            long broken,
            long repeated,
            Map<String, Long> failures,
            Histogram micros) {

        /** Whether everything is done, once, and no connection was lost. */
        public boolean isWhole() {
            return outstanding == 0 && lost == 0 && failures.isEmpty();
        }
    }

    public Look since() {
        Histogram interval = recorder.getIntervalHistogram();
        all.add(interval);
        return look(interval);
    }

    /** Forgets how long things took until now. */
    public void forgetTimes() {
        all.reset();
    }

    public Look all() {
        all.add(recorder.getIntervalHistogram());
        return look(all);
    }

    private Look look(Histogram micros) {
        Map<String, Long> reasons = new TreeMap<>();
        failures.forEach((reason, count) -> reasons.put(reason, count.sum()));
        return new Look(
                begun.sum(), done.sum(), outstanding(), lost.sum(), broken.sum(), repeated.sum(), reasons, micros);
    }
}
