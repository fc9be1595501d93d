package io.sluice.connect.delivery;

import io.sluice.buffer.BufferConsumer;
import io.sluice.buffer.LanePositions;
import io.sluice.buffer.ReadBatch;
import io.sluice.buffer.StoredMessage;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.route.MessageFields;
import io.sluice.connect.route.Route;
import io.sluice.connect.route.RoutedRecord;
import io.sluice.connect.route.Routes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves messages from one buffer to Kafka Connect, and acknowledgements back.
 *
 * <p>Forward: {@link #poll} reads on from where {@link Resume} said, lets the {@link Routes} make records of the messages
 * and names each record's place in the log as its source offset. Nothing is remembered of a record but that it is
 * {@link Outstanding}.
 *
 * <p>Backward: Kafka Connect says of each record that it is in Kafka, or that a transformation or a tolerated failure
 * dropped it ({@link #settled}); it does so on threads of its producer, in any order, and also after the task has
 * stopped. What is dealt with without a hole is told to the buffer, which may then drop it: at most once a millisecond
 * while records are on their way, at once when none is, and with every poll and commit.
 *
 * <p>With exactly-once Kafka Connect says nothing of a batch that transformations dropped as a whole. It is recognised by
 * the thread: a commit on the thread that polls, with another poll after it, ends a transaction. By then everything
 * handed over before is either in Kafka or dropped, whatever was said of it.
 *
 * <p>Kafka Connect swallows what {@link #settled} and {@link #committed} throw; the next poll throws it.
 *
 * <p>{@link #poll} is for one thread; the rest is thread-safe.
 */
final class Drain implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    private static final long TELL_INTERVAL_NS = Duration.ofMillis(1).toNanos();

    private final BufferConsumer buffer;
    private final Resume resume;
    private final SourceOffsets offsets;
    private final Routes routes;
    private final BatchLimits limits;
    private final Refusals refusals;
    private final LossLog losses;
    private final Outstanding outstanding;
    private final OffsetCommits commits;
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    private volatile @Nullable Thread poller;
    private volatile boolean transactionEnded;
    private volatile boolean closed;
    private volatile long lastToldNs = System.nanoTime();
    private volatile LanePositions lastTold;

    /** What is still to be read was received after that, as far as is known. */
    private volatile long readToMs = System.currentTimeMillis();

    /** Begins to drain a buffer to which a connector has just attached. */
    Drain(
            BufferConsumer buffer,
            Resume resume,
            SourceOffsets offsets,
            Routes routes,
            BatchLimits limits,
            Refusals refusals,
            LossLog losses) {
        this.buffer = buffer;
        this.resume = resume;
        this.offsets = offsets;
        this.routes = routes;
        this.limits = limits;
        this.refusals = refusals;
        this.losses = losses;
        this.outstanding = new Outstanding(resume.handled());
        this.commits = new OffsetCommits(resume.lanesWithOffsets());
        this.lastTold = buffer.acknowledged();
        buffer.seek(resume.handled());
        buffer.offsetsStored(commits.stored());
    }

    /**
     * The next records; none if there is nothing to read. Does not wait.
     *
     * @throws ConnectException if a message cannot be mapped and may not be left out, or the buffer fails, now or in
     *     an earlier acknowledgement
     */
    List<SourceRecord> poll() throws InterruptedException {
        poller = Thread.currentThread();
        if (transactionEnded) {
            outstanding.dropRest();
            transactionEnded = false;
        }
        try {
            tell();
            commits.polling(outstanding.sent());
            rethrowFailure();
            ReadBatch read = buffer.read(limits.maxMessages(), limits.maxBytes(), Duration.ZERO);
            read.gaps().forEach(losses::lost);
            noteTime(read);
            return handOver(read);
        } catch (ConnectException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    private void noteTime(ReadBatch read) {
        List<StoredMessage> messages = read.messages();
        if (!messages.isEmpty()) {
            readToMs = messages.get(messages.size() - 1).message().receivedAtMs();
        } else if (read.frontier() >= buffer.end()) {
            readToMs = System.currentTimeMillis();
        }
    }

    /** How things are. Leaves them so. */
    DrainStats stats() {
        Outstanding.Look look = outstanding.look();
        long lag = Math.max(0, buffer.end() - look.handled().lowest(buffer.lanes()) - 1);
        return new DrainStats(lag, lag == 0 ? 0 : age(look), look.inKafka(), look.dropped());
    }

    private long age(Outstanding.Look look) {
        long oldest = look.oldestReceivedAtMs() == Long.MAX_VALUE ? readToMs : look.oldestReceivedAtMs();
        return Math.max(0, System.currentTimeMillis() - oldest);
    }

    private void rethrowFailure() {
        RuntimeException earlier = failure.get();
        if (earlier != null) {
            throw earlier;
        }
    }

    private List<SourceRecord> handOver(ReadBatch read) {
        List<SourceRecord> records = new ArrayList<>(read.messages().size());
        List<Delivery> deliveries = new ArrayList<>(read.messages().size());
        for (StoredMessage message : read.messages()) {
            try {
                map(message, records, deliveries);
            } catch (ConnectException refused) {
                outstanding.handOver(deliveries, message.position());
                if (records.isEmpty()) {
                    throw refused;
                }
                // What came before goes to Kafka first, or a restart would come upon the same message with nothing
                // done.
                failure.compareAndSet(null, refused);
                return records;
            }
        }
        outstanding.handOver(deliveries, read.frontier());
        return records;
    }

    private void map(StoredMessage stored, List<SourceRecord> records, List<Delivery> deliveries) {
        List<Route> takers = routes.takers(stored.message().topic());
        MessageFields fields = new MessageFields(stored.message(), new MessageId(buffer.bufferId(), stored.position()));
        for (int part = resume.firstPart(stored); part < takers.size(); part++) {
            Route route = takers.get(part);
            if (route.skips(stored.message())) {
                continue;
            }
            Optional<RoutedRecord> record = record(stored, fields, route);
            if (record.isPresent()) {
                Delivery delivery = new Delivery(
                        stored.lane(), stored.position(), stored.message().receivedAtMs());
                records.add(new MqttSourceRecord(
                        this,
                        offsets.partition(stored.lane()),
                        offset(stored, part),
                        record.get(),
                        stored.message().receivedAtMs(),
                        delivery));
                deliveries.add(delivery);
            }
        }
    }

    private Optional<RoutedRecord> record(StoredMessage stored, MessageFields fields, Route route) {
        try {
            RoutedRecord record = route.map(fields);
            refusals.check(record);
            return Optional.of(record);
        } catch (UnmappableException | RuntimeException e) {
            return refusals.refused(stored, fields, route, e);
        }
    }

    private Map<String, Object> offset(StoredMessage stored, int part) {
        return resume.isReplay(stored)
                ? offsets.replayOffset(stored.position(), part)
                : offsets.offset(stored.position(), part);
    }

    /**
     * Takes note of what became of a record that a poll returned.
     *
     * @param sent whether it is in Kafka; false if a transformation or a tolerated failure dropped it
     */
    void settled(Delivery delivery, boolean sent) {
        boolean last = outstanding.settle(delivery, sent);
        if (last || System.nanoTime() - lastToldNs >= TELL_INTERVAL_NS) {
            tellOrFailLater();
        }
    }

    /** Takes note of a commit of Kafka Connect's, which may have stored offsets. */
    void committed() {
        tellOrFailLater();
        if (Thread.currentThread().equals(poller)) {
            transactionEnded = true;
            commits.committedAll(outstanding.sent());
        } else {
            commits.committed();
        }
        if (!closed) {
            try {
                buffer.offsetsStored(commits.stored());
            } catch (RuntimeException e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    private void tellOrFailLater() {
        try {
            tell();
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    /** Tells the buffer what is dealt with. */
    private void tell() {
        if (closed) {
            return;
        }
        lastToldNs = System.nanoTime();
        LanePositions handled = outstanding.handled();
        if (!handled.equals(lastTold)) {
            buffer.acknowledge(handled);
            lastTold = handled;
        }
    }

    /** Tells the buffer what is dealt with and detaches from it. Idempotent. */
    @Override
    public void close() {
        try {
            tell();
            reportRest();
        } catch (RuntimeException e) {
            LOG.warn(
                    "What Kafka acknowledged last is not told to the buffer and may be delivered again: {}",
                    e.getMessage());
        } finally {
            closed = true;
            buffer.close();
        }
    }

    /** Where the task goes, the buffer may not follow. */
    private void reportRest() {
        long rest = buffer.end() - 1 - outstanding.handled().lowest(buffer.lanes());
        if (rest > 0) {
            losses.staysBehind(rest, buffer.bufferId());
        }
    }
}
