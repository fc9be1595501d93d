package io.sluice.connect;

import io.sluice.broker.BrokerStats;
import io.sluice.broker.EmbeddedBroker;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.ConsumerStats;
import io.sluice.buffer.record.Lanes;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.delivery.Drains;
import io.sluice.connect.telemetry.ConnectorEvents;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A share of the broker in this process. */
record EmbeddedUpstream(EmbeddedBroker broker) implements Upstream {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedUpstream.class);

    static Upstream open(SourceConfig config, Drains drains) {
        return new EmbeddedUpstream(EmbeddedBroker.acquire(config.broker(), buffer -> {
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
        List<ConsumerStats> consumers = buffer.stats().consumers();
        if (consumers.stream().anyMatch(consumer -> consumer.name().equals(connector))) {
            return;
        }
        long end = buffer.stats().end();
        consumers.stream()
                .filter(consumer -> !consumer.attached() && !consumer.expired() && consumer.floor() < end)
                .forEach(consumer -> ConnectorEvents.shared()
                        .warned(
                                connector,
                                "up to " + (end - consumer.floor()) + " messages wait in the buffer " + buffer.id()
                                        + " for the connector " + consumer.name()
                                        + ", which is not attached. If this one takes its place, set"
                                        + " buffer.takeover.from=" + consumer.name()
                                        + " before it starts for the first time, or give it that name."));
    }

    @Override
    public Optional<Supplier<BrokerStats>> brokerStats() {
        return Optional.of(broker::stats);
    }

    @Override
    public void close() {
        broker.close();
    }
}
