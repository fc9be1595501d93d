package io.sluice.tools;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a worker or a standalone broker says of itself at its status listener. Times are ISO 8601, sizes bytes.
 *
 * @param version of Sluice
 * @param role worker or standalone
 * @param startedAt when the process began
 * @param connectors the connectors with tasks in it
 */
public record ProcessStatus(
        String version, String role, String startedAt, List<Broker> brokers, List<Connector> connectors) {

    /** Refuses what another program answers, which has other fields. */
    public ProcessStatus {
        Stream.of(version, role, startedAt, brokers, connectors).forEach(Objects::requireNonNull);
    }

    /**
     * A broker.
     *
     * @param state running, full, stalled, stopped or closed
     * @param metrics by the names of metrics.md, without {@code sluice-}
     */
    public record Broker(
            String name,
            String state,
            String bufferId,
            List<Listener> listeners,
            Clients clients,
            Buffer buffer,
            List<Consumer> consumers,
            Map<String, @Nullable Double> metrics) {}

    public record Listener(String uri, boolean open, boolean tls) {}

    /** How many clients have a connection, and how many sessions there are with and without one. */
    public record Clients(int connected, int sessions) {}

    /**
     * A buffer.
     *
     * @param storage disk or memory
     * @param dir its folder; null in memory
     * @param freeBytes what its disk has left; null if that is not known
     * @param newestAt when a message was last captured; null if none was
     */
    public record Buffer(
            String storage,
            @Nullable String dir,
            long bytes,
            long maxBytes,
            long start,
            long end,
            @Nullable Long freeBytes,
            String overflow,
            @Nullable String newestAt) {}

    /**
     * Somebody for whom the buffer keeps messages.
     *
     * @param messages how many wait at most
     * @param bytes about how much they take
     * @param oldestAgeMs how long the oldest has waited, at least, in milliseconds
     */
    public record Consumer(
            String connector, boolean attached, boolean expired, long messages, long bytes, long oldestAgeMs) {}

    public record Connector(String name, List<Task> tasks) {}

    /**
     * A task.
     *
     * @param state running, waiting, stalled or failed
     * @param text what is wrong; null if nothing is
     * @param since when it started, or failed
     * @param stalledSinceMs how long Kafka has acknowledged nothing, in milliseconds; null if it does
     * @param metrics by the names of metrics.md, without {@code sluice-}
     */
    public record Task(
            int id,
            String state,
            @Nullable String text,
            String since,
            @Nullable Long stalledSinceMs,
            List<Endpoint> endpoints,
            Map<String, @Nullable Double> metrics) {}

    /**
     * A standalone broker that a task drains.
     *
     * @param text why it is not attached, if that is known
     */
    public record Endpoint(
            String uri, boolean attached, @Nullable String text) {}
}
