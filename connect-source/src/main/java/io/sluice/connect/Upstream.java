package io.sluice.connect;

import io.sluice.broker.BrokerStats;
import io.sluice.broker.EmbeddedBroker;
import io.sluice.buffer.BufferStats;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.log.Lanes;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.delivery.Drains;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a task gets its messages from: attaches to buffers, at once or when they can be reached. */
interface Upstream extends AutoCloseable {

    Logger LOG = LoggerFactory.getLogger(Upstream.class);

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
        return new Embedded(EmbeddedBroker.acquire(config.broker(), buffer -> {
            config.takeoverFrom().ifPresent(old -> takeOver(buffer, old, config.connectorName()));
            tellWhoElseIsWaitedFor(buffer, config.connectorName());
            drains.add(
                    buffer.attach(config.consumer(Lanes.ALL)),
                    "the broker " + config.broker().name() + " in this worker");
        }));
    }

    private static void takeOver(SharedBuffer buffer, String from, String to) {
        if (buffer.takeOver(from, to)) {
            LOG.info("{}: what waited in the buffer {} for the connector {} is delivered now.", to, buffer.id(), from);
        }
    }

    /** A connector that is new to a buffer may be an old one under another name. */
    private static void tellWhoElseIsWaitedFor(SharedBuffer buffer, String connector) {
        List<BufferStats.Consumer> consumers = buffer.stats().consumers();
        if (consumers.stream().anyMatch(consumer -> consumer.name().equals(connector))) {
            return;
        }
        long end = buffer.stats().end();
        consumers.stream()
                .filter(consumer -> !consumer.attached() && !consumer.expired() && consumer.floor() < end)
                .forEach(consumer -> LOG.warn(
                        "{}: up to {} messages wait in the buffer {} for the connector {}, which is not attached. If this one"
                                + " takes its place, set buffer.takeover.from={} before it starts for the first time, or give"
                                + " it that name.",
                        connector,
                        end - consumer.floor(),
                        buffer.id(),
                        consumer.name(),
                        consumer.name()));
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
