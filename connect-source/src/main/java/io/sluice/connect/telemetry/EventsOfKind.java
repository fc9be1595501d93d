package io.sluice.connect.telemetry;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The latest events of a kind, and how many of each connector were too many. Guarded by the lock of {@link EventLog}. */
final class EventsOfKind {

    private static final long MINUTE_NS = Duration.ofMinutes(1).toNanos();

    /** @param number in the order of all events */
    record Told(long number, String line) {}

    private final EventKind kind;
    private final Deque<Told> latest = new ArrayDeque<>();
    private long minuteBeganNs;
    private final Map<String, Integer> toldInThisMinute = new HashMap<>();
    private final Map<String, Integer> leftOut = new HashMap<>();

    /** @param nowNs what {@link System#nanoTime} says, as in all that follows: a clock may be set back */
    EventsOfKind(EventKind kind, long nowNs) {
        this.kind = kind;
        this.minuteBeganNs = nowNs;
    }

    EventKind kind() {
        return kind;
    }

    /** Whether one more of a connector may be told now; if not, it is left out. */
    boolean admits(String connector, long nowNs) {
        if (isMinuteOver(nowNs)) {
            minuteBeganNs = nowNs;
            toldInThisMinute.clear();
        }
        if (toldInThisMinute.getOrDefault(connector, 0) == kind.perMinute()) {
            leftOut.merge(connector, 1, Integer::sum);
            return false;
        }
        toldInThisMinute.merge(connector, 1, Integer::sum);
        return true;
    }

    boolean isMinuteOver(long nowNs) {
        return nowNs - minuteBeganNs >= MINUTE_NS;
    }

    /** How many of each connector were left out since this was last asked. */
    Map<String, Integer> takeLeftOut() {
        Map<String, Integer> taken = Map.copyOf(leftOut);
        leftOut.clear();
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
