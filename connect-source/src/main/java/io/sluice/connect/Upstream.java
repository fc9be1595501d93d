package io.sluice.connect;

import io.sluice.broker.BrokerStats;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.delivery.Drains;
import io.sluice.status.TaskStatus.Endpoint;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Where a task gets its messages from: attaches to buffers, at once or when they can be reached. */
interface Upstream extends AutoCloseable {

    /** Opens the upstream of a configuration, which gives the task's drains every buffer that it attaches to. */
    @FunctionalInterface
    interface Opener {
        Upstream open(SourceConfig config, Drains drains);
    }

    /** Attaches to no further buffer and leaves the brokers; the task has closed its drains before. Idempotent. */
    @Override
    void close();

    /** The states of the standalone brokers that it attaches to; none if the broker is in this process. */
    default List<Endpoint> endpoints() {
        return List.of();
    }

    /** State and counts of its broker, if that is in this process. */
    default Optional<Supplier<BrokerStats>> brokerStats() {
        return Optional.empty();
    }
}
