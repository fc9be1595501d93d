package io.sluice.status;

import io.sluice.status.StatusEvent.Kind;
import io.sluice.status.StatusEvent.Origin;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The latest events, so many of each kind that errors, which may come with every message, push nothing else out.
 * Thread-safe; adding never waits.
 */
public final class StatusEvents {

    private static final int KEPT_OF_A_KIND = 500;
    private static final int LONGEST_TEXT = 2_000;
    private static final int MOST_CHARACTERS = 256 << 10;

    private final Clock clock;
    private final int kept;
    private final Map<Kind, Deque<StatusEvent>> byKind = new EnumMap<>(Kind.class);
    private final List<Runnable> waiting = new ArrayList<>();
    private long last;
    private long lastForgotten;

    public StatusEvents() {
        this(Clock.systemUTC(), KEPT_OF_A_KIND);
    }

    /** @param kept how many of a kind are kept */
    StatusEvents(Clock clock, int kept) {
        this.clock = clock;
        this.kept = kept;
    }

    /**
     * @param first none with this number or a higher one was forgotten
     * @param last the number of the last event that there was; 0: none
     * @param events by rising numbers
     */
    record Page(long first, long last, List<StatusEvent> events) {}

    /**
     * Adds an event.
     *
     * @param text one sentence; no payload, no secret
     * @param fields texts, numbers, and lists of texts
     */
    public void add(Kind kind, String name, Origin origin, String text, Map<String, ?> fields) {
        List<Runnable> told;
        synchronized (this) {
            Deque<StatusEvent> ofKind = ofKind(kind);
            if (ofKind.size() == kept) {
                lastForgotten = Math.max(lastForgotten, ofKind.remove().sequence());
            }
            ofKind.add(new StatusEvent(++last, clock.instant(), kind, name, origin, fit(text), fields));
            told = List.copyOf(waiting);
            waiting.clear();
        }
        told.forEach(Runnable::run);
    }

    private static String fit(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }

    private Deque<StatusEvent> ofKind(Kind kind) {
        return byKind.computeIfAbsent(kind, first -> new ArrayDeque<>());
    }

    /** @param limit how many at most, the oldest first; fewer if they are long */
    synchronized Page after(long sequence, int limit, Optional<Kind> kind) {
        Stream<StatusEvent> all = kind.map(this::ofKind)
                .map(Deque::stream)
                .orElseGet(() -> byKind.values().stream().flatMap(Deque::stream));
        List<StatusEvent> page = new ArrayList<>();
        int characters = 0;
        for (StatusEvent event : all.filter(event -> event.sequence() > sequence)
                .sorted(Comparator.comparingLong(StatusEvent::sequence))
                .limit(limit)
                .toList()) {
            characters += event.characters();
            if (characters > MOST_CHARACTERS && !page.isEmpty()) {
                break;
            }
            page.add(event);
        }
        return new Page(lastForgotten + 1, last, page);
    }

    /** Runs an action once, at the next event. It must be cheap and must not block. */
    synchronized void atNext(Runnable action) {
        waiting.add(action);
    }

    /** Forgets an action that has not run. */
    synchronized void forget(Runnable action) {
        waiting.remove(action);
    }
}
