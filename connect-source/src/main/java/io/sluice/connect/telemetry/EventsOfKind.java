package io.sluice.connect.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;

/** The latest events of a kind, and how many there were too many. Guarded by the lock of {@link EventLog}. */
final class EventsOfKind {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    /**
     * An event as it was told.
     *
     * @param number in the order of all events
     */
    record Told(long number, String line) {}

    private final EventKind kind;
    private final Deque<Told> latest = new ArrayDeque<>();
    private Instant minuteBegan = Instant.EPOCH;
    private int inThisMinute;
    private int leftOut;

    EventsOfKind(EventKind kind) {
        this.kind = kind;
    }

    EventKind kind() {
        return kind;
    }

    /** Whether one more may be told now; if not, it is left out. */
    boolean admits(Instant now) {
        if (isMinuteOver(now)) {
            minuteBegan = now;
            inThisMinute = 0;
        }
        if (inThisMinute == kind.perMinute()) {
            leftOut++;
            return false;
        }
        inThisMinute++;
        return true;
    }

    boolean isMinuteOver(Instant now) {
        return Duration.between(minuteBegan, now).compareTo(MINUTE) >= 0;
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
