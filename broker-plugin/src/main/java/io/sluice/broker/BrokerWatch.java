package io.sluice.broker;

import io.sluice.broker.door.DoorStats;
import io.sluice.buffer.BufferStats;
import io.sluice.status.StatusEvent.Kind;
import io.sluice.status.StatusEvent.Origin;
import io.sluice.status.StatusEvents;
import io.sluice.thread.DaemonThreads;
import io.sluice.thread.Repeated;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a broker once a second, and reports changes as events. It has a thread to itself, the only one that asks the
 * disk for its free space, so that a disk that hangs delays nothing else.
 */
final class BrokerWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerWatch.class);

    private static final Duration BETWEEN_ERRORS = Duration.ofMinutes(1);
    private static final Duration BETWEEN_STATISTICS = Duration.ofHours(1);

    private final StatusEvents events;
    private final Origin origin;
    private final Supplier<BrokerStats> stats;
    private final Optional<Path> dir;
    private final ScheduledExecutorService looks;
    private final Map<String, Boolean> attached = new HashMap<>();
    private volatile OptionalLong freeBytes = OptionalLong.empty();
    private BrokerStats before;
    private BrokerStats errorsTold;
    private BrokerStats statisticsTold;
    private long errorsToldNs = System.nanoTime();
    private long statisticsToldNs = errorsToldNs;

    private BrokerWatch(StatusEvents events, String broker, Supplier<BrokerStats> stats, Optional<Path> dir) {
        this.events = events;
        this.origin = Origin.broker(broker);
        this.stats = stats;
        this.dir = dir;
        this.before = stats.get();
        this.errorsTold = before;
        this.statisticsTold = before;
        this.looks = Executors.newSingleThreadScheduledExecutor(new DaemonThreads("sluice-broker-watch"));
    }

    /**
     * Begins to look at a broker that has started.
     *
     * @param listeners where it listens, as shown to people
     * @param dir folder of its buffer, if that is on disk
     */
    static BrokerWatch begin(
            StatusEvents events, String broker, String listeners, Supplier<BrokerStats> stats, Optional<Path> dir) {
        BrokerWatch watch = new BrokerWatch(events, broker, stats, dir);
        events.add(
                Kind.LIFECYCLE,
                "broker.started",
                watch.origin,
                "The broker listens on " + listeners + ".",
                Map.of("listeners", listeners));
        Repeated looking = new Repeated(
                watch::look, e -> LOG.error("The broker cannot report events now, and tries again every second", e));
        watch.looks.scheduleWithFixedDelay(looking, 0, 1, TimeUnit.SECONDS);
        return watch;
    }

    /** The free space of the disk when it was last asked; empty if it has not answered. */
    OptionalLong freeBytes() {
        return freeBytes;
    }

    private void look() {
        freeBytes = ask();
        BrokerStats now = stats.get();
        tellOfBuffer(before.buffer(), now.buffer());
        tellWhatStopped(
                "sessions.stopped", before.sessions().failure(), now.sessions().failure());
        tellWhoDrains(now);
        before = now;
        long nowNs = System.nanoTime();
        if (nowNs - errorsToldNs >= BETWEEN_ERRORS.toNanos()) {
            errorsToldNs = nowNs;
            tellErrors(now);
        }
        if (nowNs - statisticsToldNs >= BETWEEN_STATISTICS.toNanos()) {
            statisticsToldNs = nowNs;
            tellStatistics(now);
        }
    }

    private OptionalLong ask() {
        if (dir.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Files.getFileStore(dir.get()).getUsableSpace());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private void tellOfBuffer(BufferStats was, BufferStats now) {
        if (now.full() && !was.full()) {
            tell(
                    Kind.ERRORS,
                    "buffer.full",
                    "The buffer is full: buffer.overflow decides what becomes of further messages.",
                    Map.of("bytes", now.bytes(), "maxBytes", now.maxBytes()));
        } else if (was.full() && !now.full()) {
            tell(Kind.LIFECYCLE, "buffer.has.room", "The buffer takes messages again.", Map.of());
        }
        if (now.stalled() && !was.stalled()) {
            tell(
                    Kind.ERRORS,
                    "buffer.stalled",
                    "The disk of the buffer accepts no writes: the broker acknowledges no messages that connectors want.",
                    Map.of());
        } else if (was.stalled() && !now.stalled()) {
            tell(Kind.LIFECYCLE, "buffer.writes", "The disk of the buffer accepts writes again.", Map.of());
        }
        tellWhatStopped("buffer.stopped", was.failure(), now.failure());
    }

    private void tellWhatStopped(String name, Optional<String> failureBefore, Optional<String> failure) {
        if (failureBefore.isEmpty()) {
            failure.ifPresent(sentence -> tell(Kind.ERRORS, name, sentence, Map.of()));
        }
    }

    private void tellWhoDrains(BrokerStats now) {
        now.buffer().consumers().forEach(consumer -> {
            boolean was = Boolean.TRUE.equals(attached.put(consumer.name(), consumer.attached()));
            if (was == consumer.attached()) {
                return;
            }
            long waiting = now.buffer().end() - consumer.floor();
            tell(
                    Kind.LIFECYCLE,
                    consumer.attached() ? "consumer.attached" : "consumer.left",
                    "The connector " + consumer.name() + (consumer.attached() ? " drains" : " no longer drains")
                            + " the buffer, in which " + waiting + " messages wait for it at most.",
                    Map.of("connector", consumer.name(), "waiting", waiting));
        });
        attached.keySet()
                .removeIf(name -> now.buffer().consumers().stream()
                        .noneMatch(consumer -> consumer.name().equals(name)));
    }

    private void tellErrors(BrokerStats now) {
        Map<String, Long> lost = new TreeMap<>(BrokerMetric.dropped(now));
        BrokerMetric.dropped(errorsTold).forEach((reason, count) -> lost.merge(reason, -count, Long::sum));
        lost.values().removeIf(count -> count <= 0);
        if (!lost.isEmpty()) {
            tell(Kind.ERRORS, "messages.dropped", "Messages were lost on the broker, by reason: " + lost + ".", lost);
        }
        Map<String, Long> refused = new LinkedHashMap<>();
        refused.put("clients", more(now, DoorStats::refusedClients));
        refused.put("publishes", more(now, DoorStats::refusedPublishes));
        refused.put("exceedingPublishes", more(now, DoorStats::exceedingPublishes));
        refused.put("connections", more(now, DoorStats::closedConnections));
        refused.values().removeIf(count -> count <= 0);
        if (!refused.isEmpty()) {
            tell(
                    Kind.ERRORS,
                    "devices.refused",
                    "Devices were refused or disconnected in the last minute; the log names them: " + refused + ".",
                    refused);
        }
        errorsTold = now;
    }

    private long more(BrokerStats now, ToLongFunction<DoorStats> count) {
        return count.applyAsLong(now.door()) - count.applyAsLong(errorsTold.door());
    }

    private void tellStatistics(BrokerStats now) {
        long captured = now.buffer().appended() - statisticsTold.buffer().appended();
        if (captured > 0) {
            tell(Kind.STATISTICS, "statistics", captured + " messages were captured.", Map.of("captured", captured));
        }
        statisticsTold = now;
    }

    private void tell(Kind kind, String name, String text, Map<String, ?> fields) {
        events.add(kind, name, origin, text, fields);
    }

    /** Reports that the broker has closed, and stops looking. Does not wait. */
    @Override
    public void close() {
        looks.shutdownNow();
        tell(Kind.LIFECYCLE, "broker.closed", "The broker has closed its listeners.", Map.of());
    }
}
