package io.sluice.broker;

import io.sluice.broker.door.transport.Listener;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.BufferException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A user's share of a broker in this process.
 *
 * <p>Brokers have names, and users that {@link #acquire acquire} the same name share one broker, its ports and its
 * buffer. The broker starts with its first user. When the last one has closed its share, the broker stays open for its
 * linger time, so that a connector which restarts finds its devices still connected. While a broker has users, its
 * configuration is fixed; the first user after all have left may bring another.
 *
 * <p>Inside the broker, {@link io.sluice.broker.door.FrontDoor} stands in front of Moquette on every connection, captures what consumers of
 * the buffer want, and acknowledges publishers. Thread-safe.
 */
public final class EmbeddedBroker implements AutoCloseable {

    private static final Map<String, BrokerSlot> SLOTS = new ConcurrentHashMap<>();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> BrokerSlot.closeAtExit(SLOTS.values()), "sluice-broker-shutdown"));
    }

    private final BrokerSlot slot;
    private final RunningBroker broker;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedBroker(BrokerSlot slot, RunningBroker broker) {
        this.slot = slot;
        this.broker = broker;
    }

    /**
     * Joins the broker of the configured name, starting it if it is not running.
     *
     * @throws BrokerException if it cannot be started (port in use, unreadable password file), or runs with another
     *     configuration and other users
     * @throws BufferException if its buffer cannot be opened
     */
    public static EmbeddedBroker acquire(BrokerConfig config) {
        return acquire(config, buffer -> {});
    }

    /**
     * Joins the broker like {@link #acquire(BrokerConfig)}, and attaches to its buffer before any device can connect to a
     * broker that is started for it. Devices may be waiting for its port, and what they publish while no connector has ever
     * attached is acknowledged and kept for nobody.
     *
     * @param attach attaches to the buffer; what it throws is passed on, and a broker that was started for it is closed
     *     again, also if it then cannot listen
     */
    public static EmbeddedBroker acquire(BrokerConfig config, Consumer<SharedBuffer> attach) {
        while (true) {
            BrokerSlot slot = SLOTS.computeIfAbsent(
                    config.name(), name -> new BrokerSlot(RunningBroker::start, unused -> SLOTS.remove(name, unused)));
            synchronized (slot) {
                if (SLOTS.get(config.name()) == slot) {
                    return new EmbeddedBroker(slot, slot.join(config, attach));
                }
            }
        }
    }

    /** The names of the brokers that run, or linger. */
    static Set<String> names() {
        return Set.copyOf(SLOTS.keySet());
    }

    public SharedBuffer buffer() {
        return broker.buffer();
    }

    /** The listeners, with the ports they are bound to. */
    public List<Listener> listeners() {
        return broker.listeners();
    }

    /** State and counts of the broker. Cheap, and never waits. */
    public BrokerStats stats() {
        return broker.stats();
    }

    /** Leaves the broker. The last one to leave closes it, after its linger time. Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            slot.leave();
        }
    }
}
