package io.sluice.broker.rate;

import java.time.Duration;
import java.util.Optional;

/**
 * Detects clients that connect over and over. One that has connected too often is refused for a minute, in which its
 * attempts do not count. Thread-safe.
 */
public final class Flapping {

    private static final Duration HELD_OFF_FOR = Duration.ofMinutes(1);
    private static final int MOST_REMEMBERED = 8_192;
    private static final int LONGEST_NAME = 128;

    private final int mostAMinute;
    private final Recent<Name> recent;
    private final Recent<Name> heldOff = new Recent<>(HELD_OFF_FOR, 1, MOST_REMEMBERED);

    /** The name of a client and of its user, so that nobody can have the client of another user refused. */
    private record Name(String user, String clientId, int hash) {}

    /** @param mostAMinute how often one may connect a minute; at least 1 */
    public Flapping(int mostAMinute) {
        this.mostAMinute = mostAMinute;
        this.recent = new Recent<>(Duration.ofMinutes(1).dividedBy(mostAMinute), mostAMinute, MOST_REMEMBERED);
    }

    /** An authenticated client connects; returns whether it may. */
    public boolean mayConnect(Optional<String> user, String clientId, long nowNanos) {
        String owner = user.orElse("");
        Name name = new Name(shortened(owner), shortened(clientId), 31 * owner.hashCode() + clientId.hashCode());
        if (heldOff.times(name, nowNanos) > 0) {
            return false;
        }
        if (recent.times(name, nowNanos) >= mostAMinute) {
            heldOff.add(name, 1, nowNanos);
            return false;
        }
        recent.add(name, 1, nowNanos);
        return true;
    }

    /** Names may have 65,535 bytes. */
    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }
}
