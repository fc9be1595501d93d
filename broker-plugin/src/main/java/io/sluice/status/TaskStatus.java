package io.sluice.status;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A connector's task at one moment.
 *
 * @param text one sentence on what is wrong; empty if nothing is
 * @param since when it started, or failed
 * @param stalledSinceMs how long Kafka has acknowledged nothing although records are on their way, in milliseconds
 * @param endpoints the standalone brokers that it drains; none if the broker is in its worker
 */
public record TaskStatus(
        State state, Optional<String> text, Instant since, OptionalLong stalledSinceMs, List<Endpoint> endpoints) {

    public TaskStatus {
        endpoints = List.copyOf(endpoints);
    }

    public enum State {
        /** It drains its buffers. */
        RUNNING,
        /** It is attached to no buffer yet. */
        WAITING,
        /** Kafka acknowledges nothing. */
        STALLED,
        /** It has failed, and does nothing until it is restarted. */
        FAILED
    }

    /**
     * A standalone broker.
     *
     * @param uri where it serves its buffer
     * @param attached whether the task drains it
     * @param text why not
     */
    public record Endpoint(String uri, boolean attached, Optional<String> text) {}
}
