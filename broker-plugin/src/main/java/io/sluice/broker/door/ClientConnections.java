package io.sluice.broker.door;

import io.sluice.broker.packet.Reason;
import io.sluice.status.ConnectedClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections of each client id, one after the other: a new one takes over the session ([MQTT-3.1.4-3]).
 *
 * <p>A new connection has its turn when the former one of its client id has left Moquette. It may publish when the
 * former one's last messages, including its will, are in the buffer. Thread-safe.
 */
final class ClientConnections {

    /**
     * So many closed connections of a client may wait for long until the buffer has space for their last messages. Each
     * keeps its memory until then, and a device that is not acknowledged comes again and again.
     */
    private static final int MOST_WAITING = 2;

    /** Less is what the disk takes, and a device may come again at once. */
    private static final long LONG_NS = TimeUnit.SECONDS.toNanos(2);

    private final Map<String, Turn> latest = new HashMap<>();
    private final AtomicInteger connected = new AtomicInteger();

    /**
     * The answer to {@link #register}.
     *
     * @param turn its turn, if it gets one
     * @param refusal why it gets none: a later connection or one of another user has the client id, or too many former ones
     *     wait for space in the buffer
     */
    record Registration(Optional<Turn> turn, Reason refusal) {}

    /** One connection's turn under its client identifier. */
    static final class Turn {

        private final long order;
        private final Connection connection;
        private final ConnectedClient client;
        private final CompletableFuture<@Nullable Void> left = new CompletableFuture<>();
        private final CompletableFuture<@Nullable Void> appended = new CompletableFuture<>();
        private volatile @Nullable Turn former;
        private volatile long leftNs;
        private volatile boolean isGivenUp;

        private Turn(Connection connection, long order, ConnectedClient client, @Nullable Turn former) {
            this.order = order;
            this.connection = connection;
            this.client = client;
            this.former = former;
        }

        /** Runs an action when all messages of the former connections are in the buffer; perhaps at once. */
        void whenFormerHasAppendedAll(Runnable action) {
            Turn before = former;
            if (before == null) {
                action.run();
            } else {
                before.appended.thenRun(() -> {
                    former = null;
                    action.run();
                });
            }
        }

        /** How many connections up to this one have closed and wait for space in the buffer for long. */
        private int waiting() {
            int waiting = 0;
            long now = System.nanoTime();
            for (Turn turn = this; turn != null; turn = turn.former) {
                if (turn.left.isDone() && !turn.appended.isDone() && now - turn.leftNs > LONG_NS) {
                    waiting++;
                }
            }
            return waiting;
        }

        void hasAppendedAll() {
            appended.complete(null);
        }
    }

    /** Whether a client of a user may take over a session, if the session has an owner. */
    static boolean mayTakeOver(Optional<String> user, Optional<String> owner) {
        return owner.isEmpty() || owner.equals(user);
    }

    /**
     * A connection's client has been identified.
     *
     * @param order tells which of two connections asked first, since passwords are not checked in the order of arrival
     * @param begin called once, on any thread, when it is this connection's turn
     * @param sessionsHaveOwners whether a connection may only be taken over by its own user
     */
    Registration register(
            ConnectedClient client, long order, boolean sessionsHaveOwners, Connection connection, Runnable begin) {
        Turn turn;
        Turn former;
        synchronized (this) {
            former = latest.get(client.clientId());
            if (former != null && former.order > order) {
                return new Registration(Optional.empty(), Reason.SERVER_UNAVAILABLE);
            }
            if (former != null && sessionsHaveOwners && !mayTakeOver(client.username(), former.client.username())) {
                return new Registration(Optional.empty(), Reason.CLIENT_IDENTIFIER_NOT_VALID);
            }
            if (former != null && former.waiting() >= MOST_WAITING) {
                return new Registration(Optional.empty(), Reason.SERVER_BUSY);
            }
            turn = new Turn(connection, order, client, former);
            latest.put(client.clientId(), turn);
        }
        connected.incrementAndGet();
        if (former == null) {
            begin(turn, begin);
        } else {
            former.left.thenRun(() -> begin(turn, begin));
            try {
                former.connection.leave(Reason.SESSION_TAKEN_OVER); // [MQTT-3.1.4-3]
            } catch (RuntimeException | Error e) {
                turn.isGivenUp = true;
                throw e;
            }
        }
        return new Registration(Optional.of(turn), Reason.SUCCESS);
    }

    /** One that cannot begin never leaves Moquette: nobody may wait for it. */
    private void begin(Turn turn, Runnable begin) {
        boolean hasBegun = false;
        try {
            if (!turn.isGivenUp) {
                begin.run();
                hasBegun = true;
            }
        } finally {
            if (!hasBegun) {
                turn.whenFormerHasAppendedAll(turn::hasAppendedAll);
                left(turn);
            }
        }
    }

    /** A connection has closed and has left Moquette. It is removed when its last message is in the buffer. */
    void left(Turn turn) {
        connected.decrementAndGet();
        turn.leftNs = System.nanoTime();
        turn.left.complete(null);
        turn.appended.thenRun(() -> {
            synchronized (this) {
                latest.remove(turn.client.clientId(), turn);
            }
        });
    }

    synchronized Optional<Connection> of(String clientId) {
        return Optional.ofNullable(latest.get(clientId)).map(turn -> turn.connection);
    }

    /** The client of an identifier, unless its latest connection has closed. */
    synchronized Optional<ConnectedClient> client(String clientId) {
        return Optional.ofNullable(latest.get(clientId))
                .filter(turn -> !turn.left.isDone())
                .map(turn -> turn.client);
    }

    synchronized List<ConnectedClient> some(int limit) {
        return latest.values().stream()
                .filter(turn -> !turn.left.isDone())
                .limit(limit)
                .map(turn -> turn.client)
                .toList();
    }

    /** Runs an action for the latest connection of each client. */
    void forEach(Consumer<Connection> action) {
        List<Turn> present;
        synchronized (this) {
            present = List.copyOf(latest.values());
        }
        present.forEach(turn -> action.accept(turn.connection));
    }

    int count() {
        return connected.get();
    }
}
