package io.sluice.status;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A broker at one moment.
 *
 * @param listeners where devices connect
 * @param sessions MQTT sessions, with and without a connection
 * @param consumers the connectors for which the buffer keeps messages
 */
public record BrokerStatus(
        String name,
        State state,
        List<OpenListener> listeners,
        int connectedClients,
        int sessions,
        Buffer buffer,
        List<Consumer> consumers) {

    public BrokerStatus {
        listeners = List.copyOf(listeners);
        consumers = List.copyOf(consumers);
    }

    public enum State {
        /** Devices can connect, and what they publish is taken. */
        RUNNING,
        /** A message has found no free space in the buffer. */
        FULL,
        /** The disk takes nothing. */
        STALLED,
        /** An error has stopped the buffer, or the store of sessions: only a new start of the broker helps. */
        STOPPED,
        /** A listener is closed. */
        CLOSED
    }

    /**
     * A listener.
     *
     * @param uri with the port that it is bound to
     */
    public record OpenListener(String uri, boolean open, boolean tls) {}

    /**
     * The buffer.
     *
     * @param dir its folder; empty: it is in memory
     * @param bytes size of all segments
     * @param maxBytes size at which the overflow policy decides
     * @param start the first position held
     * @param end the position after the last one that can be read
     * @param freeBytes the free space of its disk, if that is known
     * @param overflow what happens to messages beyond its size, as {@code buffer.overflow} has it
     * @param newestAt when a message was last captured, to a second; empty: none since the broker started
     */
    public record Buffer(
            String id,
            Optional<Path> dir,
            long bytes,
            long maxBytes,
            long start,
            long end,
            OptionalLong freeBytes,
            String overflow,
            Optional<Instant> newestAt) {}

    /**
     * A connector for which the buffer keeps messages.
     *
     * @param attached whether it drains the buffer now
     * @param expired whether it was away for so long that it holds nothing back
     * @param messages positions that wait for it, those of other connectors included
     * @param bytes about how much they take
     * @param oldestAgeMs how long the oldest has waited, at least, in milliseconds; 0 if none waits
     */
    public record Consumer(
            String connector, boolean attached, boolean expired, long messages, long bytes, long oldestAgeMs) {}
}
