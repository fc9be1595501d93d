package io.sluice.broker;

import io.sluice.broker.access.AccessControl;
import io.sluice.broker.access.AccessException;
import io.sluice.broker.door.DoorConfig;
import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.session.SessionLimits;
import io.sluice.broker.session.SessionStore;
import io.sluice.broker.session.SessionStoreException;
import io.sluice.broker.session.StoredSession;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.SharedBuffer;
import io.sluice.status.StatusBoard;
import io.sluice.tls.TlsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running broker: the buffer, the sessions and, in front of them, the front door. Thread-safe. */
final class RunningBroker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunningBroker.class);

    private final BrokerConfig config;
    private final AccessControl access;
    private final SharedBuffer buffer;
    private final SessionStore store;
    private final FrontDoor door;
    private final BrokerWatch watch;
    private final BrokerView view;
    private boolean closed;

    private RunningBroker(
            BrokerConfig config, AccessControl access, SharedBuffer buffer, SessionStore store, FrontDoor door) {
        this.config = config;
        this.access = access;
        this.buffer = buffer;
        this.store = store;
        this.door = door;
        this.watch = BrokerWatch.begin(
                StatusBoard.shared().events(),
                config.name(),
                door.listeners().stream().map(Listener::toString).collect(Collectors.joining(", ")),
                this::stats,
                config.buffer().dir());
        this.view = new BrokerView(config, buffer, store, door, this::stats, watch::freeBytes);
    }

    /**
     * Opens the buffer, lets its first user attach, and opens the listeners.
     *
     * @throws BrokerException if a port is taken, or a file cannot be used
     */
    static RunningBroker start(BrokerConfig config, Consumer<SharedBuffer> attach) {
        return start(config, attach, SharedBuffer::open, SessionStore::open);
    }

    static RunningBroker start(
            BrokerConfig config,
            Consumer<SharedBuffer> attach,
            Function<BufferConfig, SharedBuffer> openBuffer,
            BiFunction<Optional<Path>, SessionLimits, SessionStore> openStore) {
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            AccessControl access = AccessControl.of(config.access());
            opened.add(access);
            SharedBuffer buffer = openBuffer.apply(config.buffer());
            opened.add(0, buffer);
            attach.accept(buffer);
            SessionStore store =
                    openStore.apply(config.sessionsDir(), config.limits().sessions());
            opened.add(0, store);
            FrontDoor door = FrontDoor.open(doorConfig(config, access), buffer, store, new UnreleasedIds(buffer));
            opened.add(0, door);
            RunningBroker broker = new RunningBroker(config, access, buffer, store, door);
            opened.clear();
            opened.add(broker);
            LOG.info("The MQTT broker '{}' listens on {}", config.name(), door.listeners());
            StatusBoard.shared().show(broker.view);
            return broker;
        } catch (AccessException e) {
            closeAll(opened, e);
            throw new BrokerException(e.sentence(), e);
        } catch (IOException | TlsException | SessionStoreException e) {
            closeAll(opened, e);
            throw new BrokerException(
                    "The MQTT broker '" + config.name() + "' cannot start on " + config.listeners() + ": "
                            + e.getMessage(),
                    e);
        } catch (RuntimeException | Error e) {
            closeAll(opened, e);
            throw e;
        }
    }

    static DoorConfig doorConfig(BrokerConfig config, AccessControl access) {
        return new DoorConfig(
                config.listeners(),
                config.tls(),
                access,
                config.maxMessageBytes(),
                Math.min(StoredSession.NEVER, Math.max(1, config.sessionExpiry().toSeconds())),
                config.fanout(),
                config.limits(),
                config.webSocketOrigins(),
                config.proxyProtocol());
    }

    private static void closeAll(List<AutoCloseable> opened, Throwable cause) {
        for (AutoCloseable one : opened) {
            try {
                one.close();
            } catch (Exception | Error e) {
                cause.addSuppressed(e);
            }
        }
    }

    BrokerConfig config() {
        return config;
    }

    SharedBuffer buffer() {
        return buffer;
    }

    List<Listener> listeners() {
        return door.listeners();
    }

    /** Whether only a new start of the broker helps. */
    boolean hasFailed() {
        return view.failure().isPresent();
    }

    BrokerStats stats() {
        return new BrokerStats(buffer.stats(), door.stats(), store.stats());
    }

    /** Closes the listeners and connections, then the sessions and the buffer. Idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        StatusBoard.shared().hide(view);
        // The last one is closed first, and each also if another one throws.
        try (buffer;
                store) {
            try (access;
                    door) {
                watch.close();
            }
            LOG.info("The MQTT broker '{}' has closed {}", config.name(), door.listeners());
        }
    }
}
