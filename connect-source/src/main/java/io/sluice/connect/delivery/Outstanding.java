package io.sluice.connect.delivery;

import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The records that were handed over and are not settled, from which follows, lane by lane, up to where everything is
 * dealt with.
 *
 * <p>Acknowledgements arrive in any order, since records go to several Kafka partitions; what is dealt with ends before
 * the first record of a lane that is still on its way. A lane with none on its way is dealt with up to where reading has
 * come: nothing that is not the connector's holds the log. Settling a record takes no lock; handing over and
 * looking take one for a whole batch. Thread-safe.
 */
final class Outstanding {

    /** More than a new leader of a partition takes. */
    private static final long HELD_UP_NS = Duration.ofMinutes(1).toNanos();

    private final List<Queue<Delivery>> byLane = new ArrayList<>(Lanes.COUNT);
    private final AtomicInteger count = new AtomicInteger();

    /** Records in the queues. */
    private final AtomicInteger kept = new AtomicInteger();

    private final LanePositions begin;

    // Guarded by this.
    private long frontier;
    private Lanes sent = Lanes.NONE;
    private long inKafka;
    private long dropped;

    /** Nothing was handed over yet; each lane is dealt with up to where reading begins. */
    Outstanding(LanePositions begin) {
        this.begin = begin;
        this.frontier = begin.lowest(Lanes.ALL) + 1;
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            byLane.add(new ArrayDeque<>());
        }
    }

    /**
     * Notes what is handed over next.
     *
     * @param deliveries by rising position
     * @param readTo every position below was looked at
     */
    synchronized void handOver(List<Delivery> deliveries, long readTo) {
        count.addAndGet(deliveries.size());
        for (Delivery delivery : deliveries) {
            byLane.get(delivery.lane()).add(delivery);
        }
        kept.addAndGet(deliveries.size());
        frontier = Math.max(frontier, readTo);
    }

    /**
     * Notes that a record has arrived, or never will.
     *
     * @return whether none is on its way any more
     */
    boolean settle(Delivery delivery, boolean inKafka) {
        return delivery.settle(inKafka) && count.decrementAndGet() == 0;
    }

    int onTheirWay() {
        return count.get();
    }

    /**
     * The records of which nothing is known: those that Kafka Connect has looked at, or all, since a transformation may
     * fail without a look.
     */
    synchronized List<Delivery> inDoubt() {
        List<Delivery> unsettled = byLane.stream()
                .flatMap(Queue::stream)
                .filter(delivery -> !delivery.isSettled())
                .toList();
        List<Delivery> taken = unsettled.stream().filter(Delivery::isTaken).toList();
        return taken.isEmpty() ? unsettled : taken;
    }

    /**
     * A record that is held up: nothing was heard of it, although something was heard of others so much later that
     * Kafka does not come to it any more. Of each lane only the first counts.
     *
     * @param lastHeardNs when something was last heard of any record, as {@link System#nanoTime} counts
     */
    Optional<Delivery> heldUp(long lastHeardNs) {
        return stuck().filter(first -> lastHeardNs - first.takenNs() > HELD_UP_NS);
    }

    /** Of the first records of the lanes that are not settled, the one that Kafka Connect took first. */
    synchronized Optional<Delivery> stuck() {
        return byLane.stream()
                .flatMap(lane ->
                        lane.stream().filter(delivery -> !delivery.isSettled()).limit(1))
                .filter(Delivery::isTaken)
                .min((one, other) -> Long.signum(one.takenNs() - other.takenNs()));
    }

    /** How many settled records are remembered, as one before them in their lane was not when {@link #handled} last looked. */
    int keptBehind() {
        return Math.max(0, kept.get() - count.get());
    }

    synchronized long frontier() {
        return frontier;
    }

    /** Notes that all that is on its way was dropped, as nothing more can happen to it, but for what is still to come. */
    synchronized void dropRest(Set<Delivery> stillToCome) {
        byLane.stream()
                .flatMap(Queue::stream)
                .filter(delivery -> !stillToCome.contains(delivery))
                .forEach(delivery -> settle(delivery, false));
    }

    synchronized LanePositions handled() {
        return LanePositions.of(lane -> {
            Queue<Delivery> queue = byLane.get(lane);
            Delivery first = queue.peek();
            while (first != null && first.isSettled()) {
                if (first.isSent()) {
                    sent = sent.with(lane);
                    inKafka++;
                } else {
                    dropped++;
                }
                queue.remove();
                kept.decrementAndGet();
                first = queue.peek();
            }
            return Math.max(begin.at(lane), (first == null ? frontier : first.position()) - 1);
        });
    }

    /**
     * The progress at this moment. A look changes nothing: what {@link #sent} says must not run ahead of what the
     * buffer was told, whenever somebody looks.
     */
    synchronized Look look() {
        long[] counts = {inKafka, dropped};
        long[] oldest = {Long.MAX_VALUE};
        LanePositions handled = LanePositions.of(lane -> {
            for (Delivery delivery : byLane.get(lane)) {
                if (!delivery.isSettled()) {
                    oldest[0] = Math.min(oldest[0], delivery.receivedAtMs());
                    return Math.max(begin.at(lane), delivery.position() - 1);
                }
                counts[delivery.isSent() ? 0 : 1]++;
            }
            return Math.max(begin.at(lane), frontier - 1);
        });
        return new Look(handled, counts[0], counts[1], oldest[0]);
    }

    /**
     * The progress at one moment.
     *
     * @param handled up to where everything is dealt with, lane by lane
     * @param inKafka records that are in Kafka, all before which are dealt with
     * @param dropped records that were dropped, likewise
     * @param oldestReceivedAtMs when the oldest message on its way was received, milliseconds since the epoch; none: the
     *     longest time
     */
    record Look(LanePositions handled, long inKafka, long dropped, long oldestReceivedAtMs) {}

    /** The lanes of which a record, and every one before it, is in Kafka as {@link #handled} last saw it. */
    synchronized Lanes sent() {
        return sent;
    }
}
