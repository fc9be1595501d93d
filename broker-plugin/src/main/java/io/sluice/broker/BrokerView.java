package io.sluice.broker;

import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.Backlog;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.BufferStats;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.ConsumerStats;
import io.sluice.status.BrokerStatus;
import io.sluice.status.ConnectedClient;
import io.sluice.status.Sample;
import io.sluice.status.ShownBroker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A broker as the status shows it. Thread-safe.
 *
 * @param freeBytes the free space of the buffer's disk as it was last measured
 */
record BrokerView(
        BrokerConfig config,
        SharedBuffer buffer,
        SessionStore store,
        FrontDoor door,
        Supplier<BrokerStats> stats,
        Supplier<OptionalLong> freeBytes)
        implements ShownBroker {

    private static final String PREFIX = "sluice-";

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public Optional<String> failure() {
        return buffer.failure().or(store::failure);
    }

    @Override
    public BrokerStatus status() {
        BrokerStats now = stats.get();
        return new BrokerStatus(
                config.name(),
                state(now),
                openListeners(),
                now.door().connectedClients(),
                now.door().sessions(),
                bufferNow(now.buffer()),
                now.buffer().consumers().stream().map(this::consumer).toList());
    }

    static BrokerStatus.State state(BrokerStats now) {
        if (!now.door().listening()) {
            return BrokerStatus.State.CLOSED;
        } else if (now.buffer().stopped() || now.sessions().stopped()) {
            return BrokerStatus.State.STOPPED;
        } else if (now.buffer().stalled()) {
            return BrokerStatus.State.STALLED;
        }
        return now.buffer().full() ? BrokerStatus.State.FULL : BrokerStatus.State.RUNNING;
    }

    private List<BrokerStatus.OpenListener> openListeners() {
        List<Listener> listeners = door.listeners();
        List<Boolean> open = door.areOpen();
        return IntStream.range(0, listeners.size())
                .mapToObj(i -> new BrokerStatus.OpenListener(
                        listeners.get(i).toString(),
                        open.get(i),
                        listeners.get(i).transport().isEncrypted()))
                .toList();
    }

    private BrokerStatus.Buffer bufferNow(BufferStats now) {
        BufferConfig kept = config.buffer();
        return new BrokerStatus.Buffer(
                buffer.id(),
                kept.dir(),
                now.bytes(),
                now.maxBytes(),
                now.start(),
                now.end(),
                freeBytes.get(),
                kept.overflow().name().toLowerCase(Locale.ROOT).replace('_', '.'),
                buffer.newestAt());
    }

    private BrokerStatus.Consumer consumer(ConsumerStats consumer) {
        Backlog backlog = buffer.backlog(consumer.floor());
        return new BrokerStatus.Consumer(
                consumer.name(),
                consumer.attached(),
                consumer.expired(),
                backlog.messages(),
                backlog.bytes(),
                backlog.oldestAgeMs());
    }

    @Override
    public List<Sample> samples() {
        BrokerStats now = stats.get();
        List<Sample> samples = new ArrayList<>();
        for (BrokerMetric metric : BrokerMetric.values()) {
            samples.add(sample(metric.label(), metric.description(), Map.of(), metric.number(now)));
        }
        BrokerMetric.dropped(now)
                .forEach((reason, count) -> samples.add(sample(
                        BrokerMetric.DROPPED, BrokerMetric.DROPPED_DESCRIPTION, Map.of("reason", reason), count)));
        now.buffer().consumers().forEach(consumer -> {
            Backlog backlog = buffer.backlog(consumer.floor());
            Map<String, String> label = Map.of("connector", consumer.name());
            samples.add(sample(BrokerMetric.BACKLOG, BrokerMetric.BACKLOG_DESCRIPTION, label, backlog.messages()));
            samples.add(sample(
                    BrokerMetric.BACKLOG_AGE, BrokerMetric.BACKLOG_AGE_DESCRIPTION, label, backlog.oldestAgeMs()));
        });
        return samples;
    }

    private Sample sample(String label, String description, Map<String, String> labels, Number value) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("broker", config.name());
        all.putAll(labels);
        return new Sample(PREFIX + label, description, all, value.doubleValue());
    }

    @Override
    public List<ConnectedClient> clients(int limit) {
        return door.clients(limit);
    }

    @Override
    public Optional<ConnectedClient> client(String clientId) {
        return door.client(clientId);
    }

    @Override
    public boolean disconnect(String clientId) {
        return door.disconnect(clientId);
    }
}
