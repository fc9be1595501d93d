package io.sluice.connect.telemetry;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;

/** The latest events of a kind, and how many there were too many. Guarded by the lock of {@link EventLog}. */
final class EventsOfKind {

    private static final long MINUTE_NS = Duration.ofMinutes(1).toNanos();

    /** @param number in the order of all events */
    record Told(long number, String line) {}

    private final EventKind kind;
    private final Deque<Told> latest = new ArrayDeque<>();
    private long minuteBeganNs;
    private int inThisMinute;
    private int leftOut;

    /** @param nowNs what {@link System#nanoTime} says, as in all that follows: a clock may be set back */
    EventsOfKind(EventKind kind, long nowNs) {
        this.kind = kind;
        this.minuteBeganNs = nowNs;
    }

    EventKind kind() {
        return kind;
    }

    /** Whether one more may be told now; if not, it is left out. */
    boolean admits(long nowNs) {
        if (isMinuteOver(nowNs)) {
            minuteBeganNs = nowNs;
            inThisMinute = 0;
        }
        if (inThisMinute == kind.perMinute()) {
            leftOut++;
            return false;
        }
        inThisMinute++;
        return true;
    }

    boolean isMinuteOver(long nowNs) {
        return nowNs - minuteBeganNs >= MINUTE_NS;
    }

    /** How many were left out since this was last asked. */
    int takeLeftOut() {
        int taken = leftOut;
        leftOut = 0;
        return taken;
    }

    void keep(Told event) {
        if (latest.size() == kind.kept()) {
            latest.remove();
        }
        latest.add(event);
    }

    Stream<Told> latest() {
        return latest.stream();
    }
}
