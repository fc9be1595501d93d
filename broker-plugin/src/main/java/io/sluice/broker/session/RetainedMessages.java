package io.sluice.broker.session;

import io.sluice.broker.session.Change.Published;
import io.sluice.broker.session.Change.Retained;
import io.sluice.message.TopicFilter;
import java.io.IOException;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Retained messages, in the order of their topics: those that a filter matches lie side by side as far as its first levels
 * are literal. Changed under the store's lock, searched without.
 */
final class RetainedMessages {

    /** How often to look for expired ones while the limit is reached. */
    private static final long SWEEP_PAUSE_MS = TimeUnit.SECONDS.toMillis(5);

    private final StoreState state;
    private final NavigableMap<String, Retained> byTopic = new ConcurrentSkipListMap<>();
    private final LimitLog.Episode refused = new LimitLog.Episode();
    private int count;
    private long bytes;
    private long nextSweepMs = Long.MIN_VALUE;

    RetainedMessages(StoreState state) {
        this.state = state;
    }

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    /** The first topics after one, in order: for those who go through all of them in steps. */
    List<Retained> after(@Nullable String topic, int limit) {
        NavigableMap<String, Retained> rest = topic == null ? byTopic : byTopic.tailMap(topic, false);
        return rest.values().stream().limit(limit).toList();
    }

    /** Under the lock. */
    boolean retain(StoredPublish publish, byte[] body) {
        Retained before = byTopic.get(publish.topic());
        if (!publish.payload().hasRemaining()) {
            clear(publish.topic());
            return true;
        }
        OptionalLong expiresAt = state.clock.fromWall(publish.expiresAtMs());
        long size = (long) JournalFormat.publishedSize(body.length) + JournalFormat.retainedSize(publish.topic());
        Refusal refusal = refusal(before, size);
        if (refusal != null) {
            sweep(SWEEP_PAUSE_MS);
            refusal = refusal(byTopic.get(publish.topic()), size);
        }
        if (refusal != null) {
            state.counters.refuse(refusal);
            state.limitLog.count(
                    refused,
                    () -> "Retained messages have reached their limit ("
                            + state.limits.retainedMessages() + " or "
                            + state.limits.retainedBytes() + " bytes): new ones are refused");
            return false;
        }
        state.limitLog.end(refused, () -> "Messages are retained again");
        int slot = state.publishes.use(publish, body, expiresAt);
        Retained entry = new Retained(slot, expiresAt, publish.topic());
        put(entry);
        state.pending.add(entry);
        return true;
    }

    /** Whether a message of a topic could be retained, by about how many bytes it has; an empty one only clears it. */
    boolean hasRoomFor(String topic, int payloadBytes) {
        return payloadBytes == 0
                || refusal(byTopic.get(topic), payloadBytes + JournalFormat.retainedSize(topic)) == null;
    }

    private @Nullable Refusal refusal(@Nullable Retained before, long size) {
        long freed = before == null ? 0 : size(before);
        SessionLimits limits = state.limits;
        if (state.isBehind()) {
            state.lostToDisk();
            return Refusal.DISK;
        }
        if (before == null && count >= limits.retainedMessages()) {
            return Refusal.RETAINED_MESSAGES;
        }
        boolean fits = bytes - freed + size <= limits.retainedBytes()
                && state.messageBytes() - freed + size <= limits.storedBytes();
        return fits ? null : Refusal.RETAINED_BYTES;
    }

    private long size(Retained entry) {
        return (long) state.publishes.size(entry.slot()) + JournalFormat.retainedSize(entry.topic());
    }

    /** Takes an entry whose message is already used by it. */
    void put(Retained entry) {
        bytes += size(entry);
        count++;
        letGo(byTopic.put(entry.topic(), entry));
    }

    private boolean letGo(@Nullable Retained entry) {
        if (entry == null) {
            return false;
        }
        bytes -= size(entry);
        count--;
        state.publishes.release(entry.slot());
        return true;
    }

    void clear(String topic) {
        if (letGo(byTopic.remove(topic))) {
            state.pending.add(new Change.RetainedCleared(topic));
        }
    }

    /** Removes what has expired, unless that was done a moment ago. Under the lock. */
    void sweep(long pauseMs) {
        long now = state.clock.nowMs();
        if (now >= nextSweepMs) {
            nextSweepMs = now + pauseMs;
            byTopic.values().stream()
                    .filter(entry -> state.isExpired(entry.expiresAt()))
                    .map(Retained::topic)
                    .toList()
                    .forEach(this::clear);
        }
    }

    /**
     * Topics after one, in order, among which are all that a filter matches. Without the lock, and without a look at a message:
     * there may be many more of them than that match.
     */
    Stream<String> topics(TopicFilter filter, String after) {
        String text = filter.toString();
        int wildcard = firstWildcard(text);
        if (wildcard == text.length()) {
            return Stream.of(text).filter(topic -> topic.compareTo(after) > 0);
        }
        Stream<String> above =
                Stream.of(text.substring(0, Math.max(0, wildcard - 1))).filter(topic -> topic.compareTo(after) > 0);
        String prefix = text.substring(0, wildcard);
        NavigableMap<String, Retained> alike =
                prefix.compareTo(after) > 0 ? byTopic.tailMap(prefix, true) : byTopic.tailMap(after, false);
        return Stream.concat(above, alike.keySet().stream().takeWhile(topic -> topic.startsWith(prefix)));
    }

    /** Where the first level that is a wildcard begins, or the end of the filter. */
    private static int firstWildcard(String filter) {
        return IntStream.range(0, filter.length())
                .filter(i -> filter.charAt(i) == '+' || filter.charAt(i) == '#')
                .findFirst()
                .orElse(filter.length());
    }

    /** Without the lock. */
    Optional<StoredPublish> read(String topic) {
        while (true) {
            Retained entry = byTopic.get(topic);
            if (entry == null || state.isExpired(entry.expiresAt())) {
                return Optional.empty();
            }
            try {
                Published published = state.publishes.read(entry.slot(), () -> entry.equals(byTopic.get(topic)));
                if (published != null) {
                    return Optional.of(state.decode(published));
                }
            } catch (IOException | RuntimeException e) {
                if (!state.isFailing()) {
                    state.unreadable(e);
                    discard(entry);
                }
                return Optional.empty();
            }
        }
    }

    private void discard(Retained entry) {
        state.locked(() -> {
            if (entry.equals(byTopic.get(entry.topic()))) {
                clear(entry.topic());
                state.counters.drop(QueueLoss.UNREADABLE);
            }
        });
    }
}
