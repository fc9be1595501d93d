package io.sluice.broker;

import io.moquette.broker.IQueueRepository;
import io.moquette.broker.ISessionsRepository;
import io.moquette.broker.Server;
import io.moquette.broker.SessionRegistry;
import io.moquette.persistence.H2Builder;
import io.netty.util.concurrent.EventExecutor;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.h2.mvstore.MVStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions that a Moquette server keeps: makes them safe before their clients hear of them, and frees the packet
 * identifiers of those that have ended.
 *
 * <p>Moquette writes its store every half minute and never syncs it, so that a crash would end sessions whose clients
 * believe in them. Here a thread commits and syncs it; all who wait by then share one commit. Moquette gives no access to
 * its store, so this takes it from private fields; a version of Moquette that has others is refused at the start.
 * Thread-safe.
 */
final class Sessions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
    private static final int SWEEP_SECONDS = 60;

    private final Server server;
    private final boolean stored;
    private final UnreleasedIds unreleasedIds;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread committer = new Thread(task, "sluice-broker-sessions");
        committer.setDaemon(true);
        return committer;
    });
    private final List<Runnable> waiting = new ArrayList<>();
    /** Clients of whom the store on disk may hold a session, each with a mark of its latest. */
    private final Map<String, Object> onDisk = new ConcurrentHashMap<>();

    private final Map<String, Object> removed = new HashMap<>();
    private final Set<String> withoutQueue = new TreeSet<>();
    private boolean failing;

    /**
     * Sessions of a server that is about to be started.
     *
     * @param stored whether it keeps them in files
     */
    Sessions(Server server, boolean stored, UnreleasedIds unreleasedIds) {
        this.server = server;
        this.stored = stored;
        this.unreleasedIds = unreleasedIds;
    }

    /**
     * The server has been started.
     *
     * @throws BrokerException if this is not the Moquette that we know
     */
    void begin() {
        try {
            registry();
            if (stored) {
                store();
                queues();
                repository().list().forEach(session -> onDisk.put(session.clientId(), new Object()));
                pool();
            }
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new BrokerException("This version of Moquette keeps its sessions in another way: " + e, e);
        }
        thread.scheduleWithFixedDelay(this::sweep, 0, SWEEP_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Runs an action when what a client's session is now would survive a crash: at once if the session ends with its
     * connection and has not taken the place of one that is kept, or none survives, else later on the connection's event
     * loop.
     */
    void whenSafe(Client client, EventExecutor eventLoop, Runnable action) {
        boolean isKept = !client.sessionEndsWithConnection();
        Object former = isKept ? null : onDisk.get(client.id());
        if (!stored || (!isKept && former == null)) {
            action.run();
            return;
        }
        if (isKept) {
            onDisk.put(client.id(), new Object());
        }
        try {
            synchronized (waiting) {
                if (waiting.isEmpty()) {
                    thread.execute(this::commit);
                }
                waiting.add(() -> eventLoop.execute(action));
                if (former != null) {
                    removed.put(client.id(), former);
                } else if (client.cleanStart()) {
                    withoutQueue.add(client.id());
                }
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("The session of client '{}' was not committed: the broker is closing", client.id(), e);
        }
    }

    private void commit() {
        List<Runnable> due;
        List<String> queuesWanted;
        Map<String, Object> gone;
        synchronized (waiting) {
            due = List.copyOf(waiting);
            waiting.clear();
            queuesWanted = List.copyOf(withoutQueue);
            withoutQueue.clear();
            gone = Map.copyOf(removed);
            removed.clear();
        }
        try {
            IQueueRepository queues = queues();
            // Moquette brings no session back that has none, and makes none for a clean start that is to last
            queuesWanted.stream()
                    .filter(clientId -> !queues.containsQueue(clientId))
                    .forEach(queues::getOrCreateQueue);
            MVStore store = store();
            store.commit();
            store.sync();
            gone.forEach(onDisk::remove);
            if (failing) {
                LOG.warn("The store of MQTT sessions can be written again");
            }
            failing = false;
        } catch (ReflectiveOperationException | RuntimeException e) {
            if (!failing) {
                LOG.error(
                        "The store of MQTT sessions cannot be written: clients are served, but a crash may end their"
                                + " sessions, with their subscriptions and the state of their QoS 2 messages",
                        e);
            }
            failing = true;
        }
        due.forEach(Sessions::runUnlessGone);
    }

    private static void runUnlessGone(Runnable action) {
        try {
            action.run();
        } catch (RejectedExecutionException e) {
            LOG.debug("A client that waited for its session is gone with its broker", e);
        }
    }

    private void sweep() {
        try {
            SessionRegistry registry = registry();
            Method retrieve = SessionRegistry.class.getDeclaredMethod("retrieve", String.class);
            retrieve.setAccessible(true);
            Predicate<String> hasSession = clientId -> {
                try {
                    return retrieve.invoke(registry, clientId) != null;
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            };
            unreleasedIds.keepOnly(hasSession);
            forgetEnded(hasSession);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.error("It cannot be told which MQTT sessions have ended; it is tried again", e);
        }
    }

    /** Once the disk knows it too, nobody needs to wait for the end of a session that has ended by itself. */
    private void forgetEnded(Predicate<String> hasSession) throws ReflectiveOperationException {
        Map<String, Object> ended = new HashMap<>(onDisk);
        ended.keySet().removeIf(hasSession);
        if (!ended.isEmpty()) {
            MVStore store = store();
            store.commit();
            store.sync();
            ended.forEach(onDisk::remove);
        }
    }

    private SessionRegistry registry() throws ReflectiveOperationException {
        return PrivateField.value(Server.class, "sessions", server, SessionRegistry.class);
    }

    private ISessionsRepository repository() throws ReflectiveOperationException {
        return PrivateField.value(SessionRegistry.class, "sessionsRepository", registry(), ISessionsRepository.class);
    }

    private Map<?, ?> pool() throws ReflectiveOperationException {
        return PrivateField.value(SessionRegistry.class, "pool", registry(), Map.class);
    }

    private IQueueRepository queues() throws ReflectiveOperationException {
        return PrivateField.value(SessionRegistry.class, "queueRepository", registry(), IQueueRepository.class);
    }

    private MVStore store() throws ReflectiveOperationException {
        return PrivateField.value(
                H2Builder.class,
                "mvStore",
                PrivateField.value(Server.class, "h2Builder", server, H2Builder.class),
                MVStore.class);
    }

    /** Ends the thread, before the server stops. */
    @Override
    public void close() {
        thread.shutdown();
        boolean interrupted = false;
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("The store of MQTT sessions is slow: the broker does not wait for it any longer");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        keep();
    }

    /**
     * Keeps what lies in the store. Moquette, when it stops, drops the queue of every session that it knows, and brings
     * no session back that has none: so it must not know them any more. Those that end with their connection end so.
     */
    private void keep() {
        if (!stored) {
            return;
        }
        try {
            store().commit();
            Map<?, ?> known = pool();
            repository().list().stream()
                    .filter(session -> session.expiryInterval() != 0)
                    .forEach(lasting -> known.remove(lasting.clientId()));
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.error("MQTT sessions may be lost with this stop of the broker", e);
        }
    }
}
