package io.sluice.broker;

import io.sluice.broker.access.AccessException;
import io.sluice.broker.access.Entrance;
import io.sluice.broker.door.DoorConfig;
import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.door.Listener;
import io.sluice.broker.door.UnreleasedIds;
import io.sluice.broker.memory.BrokerMemory;
import io.sluice.broker.memory.MemoryConfig;
import io.sluice.broker.memory.MemoryException;
import io.sluice.buffer.SharedBuffer;
import io.sluice.status.StatusBoard;
import io.sluice.tls.TlsException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A broker that runs: the buffer, what it remembers, and the front door before them. Thread-safe. */
final class RunningBroker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunningBroker.class);

    /** Where sessions are kept, beside the segments of the buffer. */
    private static final String SESSIONS = "sessions";

    private static final long FOR_EVER = 0xFFFF_FFFFL;

    private final BrokerConfig config;
    private final Entrance entrance;
    private final SharedBuffer buffer;
    private final BrokerMemory memory;
    private final FrontDoor door;
    private final List<Listener> listeners;
    private final BrokerWatch watch;
    private final BrokerView view;
    private boolean closed;

    private RunningBroker(
            BrokerConfig config, Entrance entrance, SharedBuffer buffer, BrokerMemory memory, FrontDoor door) {
        this.config = config;
        this.entrance = entrance;
        this.buffer = buffer;
        this.memory = memory;
        this.door = door;
        this.listeners = bound(config.listeners(), door.ports());
        this.watch = BrokerWatch.begin(
                StatusBoard.shared().events(),
                config.name(),
                listeners.stream().map(Listener::toString).collect(Collectors.joining(", ")),
                this::stats,
                config.buffer().dir());
        this.view = new BrokerView(config, buffer, door, listeners, this::stats, watch::freeBytes);
    }

    /**
     * Opens the buffer, lets its first user attach, and opens the listeners.
     *
     * @throws BrokerException if a port is taken, or a file cannot be used
     */
    static RunningBroker start(BrokerConfig config, Consumer<SharedBuffer> attach) {
        Entrance entrance = entrance(config);
        List<AutoCloseable> opened = new ArrayList<>(List.of(entrance));
        try {
            SharedBuffer buffer = SharedBuffer.open(config.buffer());
            opened.add(0, buffer);
            attach.accept(buffer);
            BrokerMemory memory = BrokerMemory.open(new MemoryConfig(
                    config.buffer().dir().map(dir -> dir.resolve(SESSIONS)),
                    config.limits().memory(),
                    InstantSource.system()));
            opened.add(0, memory);
            FrontDoor door = FrontDoor.open(doorConfig(config, entrance), buffer, memory, new UnreleasedIds(buffer));
            RunningBroker broker = new RunningBroker(config, entrance, buffer, memory, door);
            StatusBoard.shared().show(broker.view);
            LOG.info("The MQTT broker '{}' listens on {}", config.name(), broker.listeners);
            return broker;
        } catch (IOException | TlsException | MemoryException e) {
            closeAll(opened, e);
            throw new BrokerException(
                    "The MQTT broker '" + config.name() + "' cannot start on " + config.listeners() + ": "
                            + e.getMessage(),
                    e);
        } catch (RuntimeException e) {
            closeAll(opened, e);
            throw e;
        }
    }

    private static Entrance entrance(BrokerConfig config) {
        try {
            return Entrance.of(config.access());
        } catch (AccessException e) {
            throw new BrokerException(e.sentence(), e);
        }
    }

    private static DoorConfig doorConfig(BrokerConfig config, Entrance entrance) {
        return new DoorConfig(
                config.listeners(),
                config.tls(),
                entrance,
                config.maxMessageBytes(),
                Math.min(FOR_EVER, Math.max(1, config.sessionExpiry().toSeconds())),
                config.fanout(),
                config.limits().queues(),
                config.limits().connections(),
                config.limits().rates(),
                config.limits().maxKeepAlive(),
                config.limits().connectTimeout(),
                config.limits().stallTimeout(),
                config.webSocketOrigins(),
                config.proxyProtocol());
    }

    private static void closeAll(List<AutoCloseable> opened, Exception cause) {
        for (AutoCloseable one : opened) {
            try {
                one.close();
            } catch (Exception e) {
                cause.addSuppressed(e);
            }
        }
    }

    private static List<Listener> bound(List<Listener> wanted, List<Integer> ports) {
        List<Listener> bound = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            Listener listener = wanted.get(i);
            bound.add(new Listener(listener.transport(), listener.host(), ports.get(i)));
        }
        return List.copyOf(bound);
    }

    BrokerConfig config() {
        return config;
    }

    SharedBuffer buffer() {
        return buffer;
    }

    /** The listeners, with the ports they are bound to. */
    List<Listener> listeners() {
        return listeners;
    }

    BrokerStats stats() {
        return new BrokerStats(buffer.stats(), door.stats(), memory.stats());
    }

    /** Closes the listeners and connections, then what is behind them. Idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        StatusBoard.shared().hide(view);
        watch.close();
        door.close();
        entrance.close();
        LOG.info("The MQTT broker '{}' has closed {}", config.name(), listeners);
        memory.close();
        buffer.close();
    }
}
