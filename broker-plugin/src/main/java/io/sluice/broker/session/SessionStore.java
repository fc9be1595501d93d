package io.sluice.broker.session;

import io.sluice.broker.session.Change.GroupBegun;
import io.sluice.file.DiskFolder;
import io.sluice.file.Folder;
import io.sluice.message.TopicFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a broker remembers: sessions, their subscriptions and queues, and retained messages; in a journal on disk, or in the
 * heap only.
 *
 * <p>A change is in memory when its method returns; {@link #whenSafe} says when everything up to now would survive a
 * power cut. Only methods that read messages wait for the disk. Thread-safe.
 */
public final class SessionStore implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SessionStore.class);
    private static final long CLOSE_SECONDS = 30;

    private final StoreState state;
    private final @Nullable Journal journal;
    private final @Nullable Thread writer;
    private volatile @Nullable SessionStore passing;

    private SessionStore(StoreState state, @Nullable Journal journal) {
        this.state = state;
        this.journal = journal;
        this.writer = journal == null ? null : new Thread(journal, "sluice-sessions");
        if (writer != null) {
            writer.setDaemon(true);
            writer.start();
        }
    }

    /**
     * Opens the store. Whatever the files hold, this does not fail: a file that cannot be read is set aside under
     * another name, and the log says so. Sessions that have expired are deleted, and those whose connection was open
     * when the store ended count as disconnected since then.
     *
     * @param dir the folder of its files, which nothing else writes to; empty: it is kept in the heap only, and ends with
     *     the process
     * @throws SessionStoreException if the folder cannot be made, locked or listed
     */
    public static SessionStore open(Optional<Path> dir, SessionLimits limits) {
        StoreClock clock = new StoreClock(InstantSource.system(), System::nanoTime);
        if (dir.isEmpty()) {
            return new SessionStore(new StoreState(limits.inHeapOf(maxHeapBytes()), clock), null);
        }
        try {
            return open(DiskFolder.open(dir.get()), limits, clock, Journal.SMALL_BYTES);
        } catch (IOException e) {
            throw new SessionStoreException("the folder " + dir.get() + " for MQTT sessions cannot be opened: " + e, e);
        }
    }

    /** @param smallBytes up to which size the journal is not written anew, in bytes */
    static SessionStore open(Folder folder, SessionLimits limits, StoreClock clock, long smallBytes)
            throws IOException {
        boolean interrupted = Thread.interrupted(); // a thread that is interrupted cannot read files
        StoreState state = new StoreState(limits, clock);
        Runnable end = folder::close;
        try {
            JournalReader.Found found = new JournalReader(folder, state).read();
            GroupBegun last = found.lastGroup();
            if (last.number() > 0) {
                clock.resume(last.storeMs(), last.wallMs());
            }
            Journal journal = new Journal(folder, state, found, smallBytes);
            end = journal::end;
            state.locked(() -> {
                state.beginJournal();
                state.connectionsEnded(last.storeMs());
            });
            journal.begin();
            return new SessionStore(state, journal);
        } catch (IOException | RuntimeException | Error e) {
            end.run();
            throw e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * A store in the heap for sessions that end with their connections, any number of them. Its messages take an eighth of the
     * largest heap at most, or 16 MiB if that is more. What it drops and refuses, and its subscriptions, count here.
     */
    public SessionStore passing() {
        return passing(maxHeapBytes());
    }

    /** @param maxHeapBytes the largest heap; bytes, positive */
    SessionStore passing(long maxHeapBytes) {
        SessionLimits limits = state.limits.ofAnySessions().inHeapOf(maxHeapBytes);
        SessionStore besides = new SessionStore(new StoreState(limits, state.clock, state.allSubscriptions), null);
        passing = besides;
        return besides;
    }

    private static long maxHeapBytes() {
        return Runtime.getRuntime().maxMemory();
    }

    /** All sessions, as they were last saved; times are by today's wall clock. */
    public List<StoredSession> sessions() {
        return state.locked(
                () -> state.sessions.values().stream().map(state::asOfToday).toList());
    }

    /**
     * Saves a session: a new one, or how it has changed. Its subscriptions and its queue stay.
     *
     * @return false if it is new, and the limit of sessions is reached
     */
    public boolean save(StoredSession session) {
        return state.locked(() -> state.save(session));
    }

    /** Deletes a session with its subscriptions and its queue. Does nothing if there is none. */
    public void delete(String clientId) {
        state.locked(() -> state.delete(clientId));
    }

    public List<StoredSubscription> subscriptions() {
        return state.locked(() -> state.sessions.values().stream()
                .flatMap(session -> session.subscriptions.values().stream())
                .toList());
    }

    /**
     * Stores a subscription, in place of the one that the client has with the same filter, if it has one.
     *
     * @return false if the client has as many subscriptions as it may, or its session is not saved
     */
    public boolean subscribe(StoredSubscription subscription) {
        return state.locked(() -> state.subscribe(subscription));
    }

    /** Deletes a subscription. Does nothing if there is none. */
    public void unsubscribe(String clientId, String filter) {
        state.locked(() -> state.unsubscribe(clientId, filter));
    }

    /**
     * The queue of a saved session: the same object as long as the session is not deleted. A client without a saved session
     * has a queue that takes nothing.
     */
    public SessionQueue queue(String clientId) {
        return state.locked(() -> state.queue(clientId));
    }

    /**
     * Retains a message in place of the one that its topic has; an empty payload only clears the topic
     * [MQTT-3.3.1-6].
     *
     * @return false if the limit of retained messages, or of their bytes, is reached: the topic keeps the one it has
     */
    public boolean retain(StoredPublish publish) {
        byte[] body = publish.body();
        return state.locked(() -> state.retained.retain(publish, body));
    }

    /** Whether {@link #retain} would take a message of so many bytes of payload now. */
    public boolean mayRetain(String topic, int payloadBytes) {
        return state.locked(() -> state.retained.hasRoomFor(topic, payloadBytes));
    }

    /** Topics after one, in order, among which are all that a filter matches: for those who look at some at a time. */
    public Stream<String> retainedTopics(TopicFilter filter, String after) {
        return state.retained.topics(filter, after);
    }

    /** The retained message of a topic, if it has one that has not expired. Reads the disk. */
    public Optional<StoredPublish> retained(String topic) {
        return state.retained.read(topic);
    }

    /**
     * Tells a listener when everything that was changed before this call is safe: on a thread of the store, in the order of
     * the calls. In memory, it is told before this returns.
     */
    public void whenSafe(SafeListener listener) {
        if (journal == null) {
            listener.safe();
        } else if (state.locked(state::isBehind)) {
            listener.failed(new SessionStoreException("more waits for the disk than there is memory for"));
        } else if (!state.locked(() -> state.pending.add(listener))) {
            listener.failed(new SessionStoreException("the store of MQTT sessions is closed"));
        }
    }

    /**
     * How many messages were turned away because too much waits for the disk, since the store was opened: one that may be among
     * them must not be acknowledged, also if the disk has taken the rest meanwhile. Takes no lock.
     */
    public long turnedAway() {
        return state.turnedAway();
    }

    public SessionStats stats() {
        return state.locked(() -> {
            SessionCounters counters = state.counters;
            // Not under the lock: may be a moment old.
            Optional<SessionStats> others = Optional.ofNullable(passing).map(SessionStore::stats);
            return new SessionStats(
                    state.sessions.size(),
                    state.allSubscriptions.count(),
                    counters.queuedMessages,
                    counters.queuedBytes,
                    state.retained.count(),
                    state.retained.bytes(),
                    state.storedBytes(),
                    sum(counters.dropped, others.map(SessionStats::dropped).orElse(Map.of())),
                    sum(counters.refused, others.map(SessionStats::refused).orElse(Map.of())),
                    journal == null ? 0 : journal.bytes(),
                    counters.failures,
                    failure());
        });
    }

    /**
     * Why nothing more is written until the store is opened again, in a sentence that names it; empty: an error has not
     * stopped it. Takes no lock.
     */
    public Optional<String> failure() {
        return journal == null ? Optional.empty() : journal.failure();
    }

    private static <K> Map<K, Long> sum(Map<K, Long> these, Map<K, Long> others) {
        Map<K, Long> sum = new HashMap<>(these);
        others.forEach((reason, count) -> sum.merge(reason, count, Long::sum));
        return sum;
    }

    /** Writes what is not written yet, and closes the files. Later changes are lost. Idempotent. */
    @Override
    public void close() {
        if (writer == null) {
            return;
        }
        state.locked(() -> state.pending.close());
        boolean interrupted = false;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        for (long left = end - System.nanoTime(); left > 0 && writer.isAlive(); left = end - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(writer, left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (writer.isAlive()) {
            LOG.warn("The disk has not taken the last changes of MQTT sessions in {} seconds", CLOSE_SECONDS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
