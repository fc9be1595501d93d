package io.sluice.broker.door.publish;

import io.sluice.buffer.AppendListener;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.Fingerprint;
import io.sluice.buffer.record.Lanes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The packet identifiers of QoS 2 publishes that were accepted and not yet released by PUBREL, client by client
 * ([MQTT-4.3.3-2]). A PUBLISH sent again under such an identifier is answered, not captured again.
 *
 * <p>Those of captured messages are in the buffer's log too, and come back from there after a crash. This class adds
 * what the log does not have: messages and releases that are not safe yet, and messages that no connector wants.
 *
 * <p>A PUBLISH under such an identifier with another topic or payload, and without DUP, is a new message, of a client that
 * has lost its state: it takes the identifier over. (By the letter of [MQTT-4.3.3-2] it would be dropped, which is a loss
 * that nobody wants.) They are told apart by their {@link Fingerprint}.
 *
 * <p>Identifiers live as long as the client's session in Moquette. Thread-safe: a client that reconnects may meet its own
 * identifiers on another event loop.
 */
public final class UnreleasedIds {

    private final SharedBuffer buffer;
    private final UnreleasedMemory memory;
    private final ConcurrentMap<String, Session> byClient = new ConcurrentHashMap<>();

    /** Begins with what the buffer knows from before. All of them may take a sixteenth of the largest heap. */
    public UnreleasedIds(SharedBuffer buffer) {
        this(buffer, UnreleasedMemory.defaultMaxBytes());
    }

    /**
     * Begins with what the buffer knows from before.
     *
     * @param maxBytes what all of them may take of the memory, in bytes; positive
     */
    public UnreleasedIds(SharedBuffer buffer, long maxBytes) {
        this.buffer = buffer;
        this.memory = new UnreleasedMemory(maxBytes);
        Map<Integer, Map<Session, List<Id>>> recovered = new HashMap<>();
        buffer.unreleased().forEach((clientId, fingerprints) -> {
            Session session = new Session(memory);
            fingerprints.forEach((packetId, fingerprint) -> {
                Id id = new Id(packetId, fingerprint);
                id.captured = true;
                session.put(id);
            });
            byClient.put(clientId, session);
            recovered
                    .computeIfAbsent(Lanes.of(clientId), lane -> new HashMap<>())
                    .put(session, List.copyOf(session.ids.values()));
        });
        recovered.forEach((lane, sessions) -> buffer.whenRecoveredIsSafe(Lanes.NONE.with(lane), new AppendListener() {
            @Override
            public void safe() {
                // The journal of sessions may have missed them when the broker was killed.
                sessions.forEach(Session::settleUndelivered);
            }

            @Override
            public void failed(BufferException cause) {
                // The buffer was closed before: nothing is answered any more.
            }
        }));
    }

    /**
     * A client has connected.
     *
     * @param sessionContinues whether it was told so; if not, its identifiers are free again
     */
    Session enter(String clientId, boolean sessionContinues) {
        return Objects.requireNonNull(byClient.compute(clientId, (id, known) -> {
            Session session = known;
            if (session == null || !sessionContinues) {
                if (session != null) {
                    end(clientId, session);
                }
                session = new Session(memory);
            }
            session.connections++;
            return session;
        }));
    }

    /**
     * A connection of a client is gone, and with it, perhaps, the session.
     *
     * @param hasSession whether a client has a session now
     */
    void leave(String clientId, Session session, Predicate<String> hasSession) {
        byClient.computeIfPresent(clientId, (id, known) -> {
            if (known != session) {
                return known;
            }
            session.connections--;
            if (session.connections == 0 && !hasSession.test(clientId)) {
                end(clientId, session);
            }
            return session.isOver() ? null : session;
        });
    }

    /** Frees the identifiers of clients that are gone and have no session any more. */
    public void keepOnly(Predicate<String> hasSession) {
        for (String clientId : byClient.keySet()) {
            if (!hasSession.test(clientId)) {
                sessionEnded(clientId);
            }
        }
    }

    /**
     * A client's session has ended. If a connection of it is still there, its identifiers are free when that has {@link
     * #leave left}.
     */
    public void sessionEnded(String clientId) {
        byClient.computeIfPresent(clientId, (id, session) -> {
            if (session.connections == 0) {
                end(clientId, session);
            }
            return session.isOver() ? null : session;
        });
    }

    private void end(String clientId, Session session) {
        if (session.end()) {
            buffer.endSession(clientId);
        }
    }

    /** How far the message of an identifier has come. */
    enum Progress {
        /** The identifier was not in use, or by another message: the message is new. */
        NEW,
        /** The message is on its way into the buffer. */
        PENDING,
        /** The message is safe: PUBREC may be sent, and {@link Session#settleRepeats} is to hear when it has left. */
        SAFE,
        /** The message is in the buffer, and perhaps not with its subscribers: it is to be handed on to them once more. */
        UNDELIVERED,
        /** The message is new, and its client has too many identifiers that it has not released. */
        TOO_MANY
    }

    enum Release {
        /** The identifier was not in use. */
        UNKNOWN,
        /** It is free at once. */
        FREE,
        /** It is free when the buffer has a record of it. */
        TO_BE_RECORDED,
        /** It is being released already. */
        PENDING
    }

    private enum State {
        PENDING,
        SAFE,
        RELEASING,
        FREE
    }

    /** One use of an identifier. */
    static final class Id {
        private final int packetId;
        private final long fingerprint;
        private final List<Runnable> waiting = new ArrayList<>(0);
        private State state = State.PENDING;

        /** Whether its message goes into the buffer, so that its release must. */
        volatile boolean captured;

        /** Which message of its append it is, from 1 on; beyond all if it is none. Of the event loop. */
        int place = Integer.MAX_VALUE;

        /** Whether its message is in the buffer for good. */
        private boolean isInBuffer;
        /** Whether its message is also with its subscribers, as far as they must have it before it is answered. */
        private boolean isDelivered;
        /** PUBRECs for repeats that have not left. */
        private int owed;

        private Id(int packetId, long fingerprint) {
            this.packetId = packetId;
            this.fingerprint = fingerprint;
        }
    }

    record Found(Progress progress, Id id) {}

    /** An identifier, if it was in use, and the outcome of its release. */
    record Released(Release release, @Nullable Id id) {}

    /** The identifiers of one client in one session. */
    static final class Session {

        private final Map<Integer, Id> ids = new HashMap<>();
        private final UnreleasedMemory memory;
        private int connections;
        private boolean ended;

        private Session(UnreleasedMemory memory) {
            this.memory = memory;
        }

        private void put(Id id) {
            if (ids.put(id.packetId, id) == null) {
                memory.add(1);
            }
        }

        private void remove(Id id) {
            if (ids.remove(id.packetId, id)) {
                memory.add(-1);
            }
        }

        /** Whether just this message was accepted before. That its client says so proves nothing. */
        synchronized boolean has(int packetId, long fingerprint) {
            Id known = ids.get(packetId);
            return known != null && known.fingerprint == fingerprint;
        }

        /**
         * Says how far a message has come, and takes its identifier if it is new.
         *
         * @param isRepeat whether the client says that it sends the message again: then it is the same, also if it has
         *     put another time into it ([MQTT-4.3.3-2])
         * @param whenSettled called once, on any thread, when a {@link Progress#PENDING} message is settled, or the session
         *     has ended
         */
        synchronized Found accept(int packetId, long fingerprint, boolean isRepeat, Runnable whenSettled) {
            Id known = ids.get(packetId);
            boolean isSame = known != null && (isRepeat || known.fingerprint == fingerprint);
            if (ended) {
                // The caller finds that out when it tries again.
                whenSettled.run();
                return new Found(Progress.PENDING, new Id(packetId, fingerprint));
            }
            if (known != null && isSame && known.state == State.PENDING) {
                known.waiting.add(whenSettled);
                return new Found(Progress.PENDING, known);
            }
            if (known != null && isSame && known.state == State.SAFE && !known.isDelivered) {
                known.state = State.PENDING;
                return new Found(Progress.UNDELIVERED, known);
            }
            if (known != null && isSame) {
                known.owed++;
                return new Found(Progress.SAFE, known);
            }
            Id taken = new Id(packetId, fingerprint);
            if (known == null && !memory.mayHaveMoreThan(ids.size())) {
                return new Found(Progress.TOO_MANY, taken);
            }
            put(taken);
            return new Found(Progress.NEW, taken);
        }

        /** The PUBRECs for repeats ({@link Progress#SAFE}) have left, or never will. */
        void settleRepeats(List<Id> repeated) {
            List<Runnable> waiting = new ArrayList<>(0);
            synchronized (this) {
                for (Id id : repeated) {
                    id.owed--;
                    if (id.owed == 0 && id.state != State.RELEASING) {
                        waiting.addAll(id.waiting);
                        id.waiting.clear();
                    }
                }
            }
            waiting.forEach(Runnable::run);
        }

        /**
         * Messages are where they should be, or got no further, so that the identifiers of those that the buffer does not have are
         * free again.
         */
        void settle(List<Id> settled, boolean safe) {
            change(settled, State.PENDING, id -> {
                id.isInBuffer |= safe && id.captured;
                id.isDelivered = safe;
                return safe || id.isInBuffer ? State.SAFE : State.FREE;
            });
        }

        /** Messages that were captured are in the buffer; whether subscribers have them is not known. */
        void settleUndelivered(List<Id> settled) {
            synchronized (this) {
                settled.forEach(id -> id.isInBuffer |= id.captured);
            }
            settle(settled, false);
        }

        /**
         * The client has released an identifier (PUBREL).
         *
         * @param whenReleased called once, on any thread, when a {@link Release#PENDING} release is settled
         */
        synchronized Released release(int packetId, Runnable whenReleased) {
            Id id = ids.get(packetId);
            if (id == null) {
                return new Released(Release.UNKNOWN, null);
            }
            if (id.state == State.RELEASING || id.owed > 0) {
                // A PUBREC after PUBCOMP would be taken for that of the next message under the identifier.
                id.waiting.add(whenReleased);
                return new Released(Release.PENDING, id);
            }
            if (!id.captured) {
                remove(id);
                id.state = State.FREE;
                return new Released(Release.FREE, id);
            }
            id.state = State.RELEASING;
            return new Released(Release.TO_BE_RECORDED, id);
        }

        /** Releases are in the buffer, or did not get there, so that the client must repeat them. */
        void settleReleases(List<Id> settled, boolean safe) {
            change(settled, State.RELEASING, id -> safe ? State.FREE : State.SAFE);
        }

        private void change(List<Id> changing, State from, Function<Id, State> to) {
            List<Runnable> waiting = new ArrayList<>(0);
            synchronized (this) {
                for (Id id : changing) {
                    if (id.state == from) {
                        id.state = to.apply(id);
                        if (id.state == State.FREE) {
                            remove(id);
                        }
                        waiting.addAll(id.waiting);
                        id.waiting.clear();
                    }
                }
            }
            waiting.forEach(Runnable::run);
        }

        synchronized int unreleased() {
            return ids.size();
        }

        /** Whether the client has begun another session. */
        synchronized boolean hasEnded() {
            return ended;
        }

        /** Ends the session; returns whether the log must know. */
        private boolean end() {
            List<Runnable> waiting = new ArrayList<>(0);
            boolean captured;
            synchronized (this) {
                ended = true;
                captured = ids.values().stream().anyMatch(id -> id.captured);
                ids.values().forEach(id -> waiting.addAll(id.waiting));
                memory.add(-ids.size());
                ids.clear();
            }
            waiting.forEach(Runnable::run);
            return captured;
        }

        private synchronized boolean isOver() {
            return connections == 0 && ids.isEmpty();
        }
    }
}
