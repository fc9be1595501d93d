package io.sluice.broker.rate;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The delay before a password is checked: the more wrong ones have come lately from the same origin, or for the same
 * user name, the longer it is.
 *
 * <p>Nobody is locked out: a client with the right password is let in, after a bounded delay at most. A user who has
 * come from an origin before, and has given no wrong password there since, does not wait, whatever other clients try.
 * Only an origin from which many wait at once is turned away until they are fewer; so is one from which wrong ones came
 * while there is no memory for more to wait. What is remembered is bounded. Thread-safe.
 */
public final class WrongPasswords {

    /** Everybody mistypes. */
    private static final int FREE = 5;

    private static final long FIRST_DELAY_NANOS = Duration.ofMillis(250).toNanos();
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(1);
    private static final int MOST_COUNTED = 20;
    private static final int MOST_REMEMBERED = 8_192;
    private static final int MOST_WAITING_OF_ONE = 100;
    private static final long MOST_WAITING_BYTES = 8 << 20;
    private static final int LONGEST_NAME = 128;

    private final long longestNanos;
    private final Recent<Origin> byOrigin = new Recent<>(FORGOTTEN_AFTER, MOST_COUNTED, MOST_REMEMBERED);
    private final Recent<String> byUser = new Recent<>(FORGOTTEN_AFTER, MOST_COUNTED, MOST_REMEMBERED);
    private final Map<Key, Boolean> known = new LinkedHashMap<>(16, 0.75F, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Boolean> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };
    private final Map<Origin, Integer> waiting = new HashMap<>();
    private long waitingBytes;

    /**
     * An attempt to log in with a password.
     *
     * @param bytes how much memory it holds while it waits
     */
    public record Attempt(Origin origin, String user, int bytes) {

        private Key key() {
            return new Key(origin, shortened(user));
        }
    }

    private record Key(Origin origin, String user) {}

    /** @param longest the longest delay; zero: none */
    public WrongPasswords(Duration longest) {
        this.longestNanos = longest.toNanos();
    }

    /**
     * An attempt to log in begins.
     *
     * @return how long to wait before the password is checked, in nanoseconds; {@link #hasWaited} must be called then,
     *     if it is not 0. Empty: too many wait already
     */
    public synchronized OptionalLong arrive(Attempt attempt, long nowNanos) {
        Key key = attempt.key();
        int wrong = Math.max(byOrigin.times(key.origin, nowNanos), byUser.times(key.user, nowNanos));
        if (longestNanos == 0 || wrong < FREE || known.containsKey(key)) {
            return OptionalLong.of(0);
        }
        int others = waiting.getOrDefault(key.origin, 0);
        if (others >= MOST_WAITING_OF_ONE) {
            return OptionalLong.empty();
        }
        if (waitingBytes + attempt.bytes > MOST_WAITING_BYTES) {
            // Attempts to guess may have filled it: clients that do not guess must not pay for that.
            return byOrigin.times(key.origin, nowNanos) < FREE ? OptionalLong.of(0) : OptionalLong.empty();
        }
        waiting.put(key.origin, others + 1);
        waitingBytes += attempt.bytes;
        return OptionalLong.of(Math.min(longestNanos, FIRST_DELAY_NANOS << (wrong - FREE)));
    }

    /** An attempt has waited long enough, even if its client has left. */
    public synchronized void hasWaited(Attempt attempt) {
        waitingBytes -= attempt.bytes;
        waiting.computeIfPresent(attempt.origin, (origin, count) -> count == 1 ? null : count - 1);
    }

    public synchronized void wrong(Attempt attempt, long nowNanos) {
        Key key = attempt.key();
        known.remove(key);
        byOrigin.add(key.origin, 1, nowNanos);
        byUser.add(key.user, 1, nowNanos);
    }

    public synchronized void right(Attempt attempt) {
        known.put(attempt.key(), true);
    }

    /** Names may have 65,535 bytes; those that differ only after the first ones share their wrong passwords. */
    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + name.hashCode();
    }
}
