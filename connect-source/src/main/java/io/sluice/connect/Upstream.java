package io.sluice.connect;

import io.sluice.broker.BrokerStats;
import io.sluice.broker.EmbeddedBroker;
import io.sluice.buffer.Lanes;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.delivery.Drains;
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

    /** What goes on in the broker behind it, if that is in this process. */
    default Optional<Supplier<BrokerStats>> brokerStats() {
        return Optional.empty();
    }

    /** Goes where the configuration says. */
    static Upstream open(SourceConfig config, Drains drains) {
        return config.isRemote() ? RemoteUpstream.open(config, drains) : embedded(config, drains);
    }

    /** Joins the broker in this process, starting it if it does not run, and attaches to its buffer. */
    private static Upstream embedded(SourceConfig config, Drains drains) {
        return new Embedded(EmbeddedBroker.acquire(
                config.broker(),
                buffer -> drains.add(
                        buffer.attach(config.consumer(Lanes.ALL)),
                        "the broker " + config.broker().name() + " in this worker")));
    }

    /** A share of the broker in this process. */
    record Embedded(EmbeddedBroker broker) implements Upstream {

        @Override
        public Optional<Supplier<BrokerStats>> brokerStats() {
            return Optional.of(broker::stats);
        }

        @Override
        public void close() {
            broker.close();
        }
    }
}
