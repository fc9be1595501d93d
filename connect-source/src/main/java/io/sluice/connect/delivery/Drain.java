package io.sluice.connect.delivery;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.delivery.SilenceWatch.Extent;
import io.sluice.connect.delivery.SilenceWatch.Silence;
import io.sluice.connect.route.NotNowException;
import io.sluice.connect.route.Routes;
import io.sluice.remote.BufferUnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
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
 * stopped. The drain tells the buffer up to where everything is dealt with, so that the buffer may drop it: at most
 * once a millisecond while records are on their way, at once when none is, and with every poll and commit.
 *
 * <p>A record that Kafka Connect has {@linkplain GivenUp given up} becomes a dead letter with the next poll, and counts as
 * on its way until then. One that it fails at, again and again, is found by {@link Suspicion}: what was on its way when the
 * task failed goes out one record at a time, each when the one before is dealt with.
 *
 * <p>With exactly-once Kafka Connect says nothing of a batch that transformations dropped as a whole. It is recognised
 * by the thread: a commit on the thread that polls, with another poll after it, ends a transaction. By then everything
 * handed over before is either in Kafka or dropped, whatever Kafka Connect has said of it.
 *
 * <p>Kafka Connect swallows what {@link #settled} and {@link #committed} throw; the next poll throws it.
 *
 * <p>{@link #poll} is for one thread; the rest is thread-safe.
 */
final class Drain {

    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    private static final long TELL_INTERVAL_NS = Duration.ofMillis(1).toNanos();

    private final Attachment buffer;
    private final RecordMaker maker;
    private final BatchLimits limits;
    private final RefusedLater refused;
    private final Suspicion suspicion;
    private final GivenUp givenUp;
    private final LossLog losses;
    private final Runnable wake;
    private final BooleanSupplier isTooMuchKept;
    private final Outstanding outstanding;

    /** Records that wait for the one before; it knows its size. */
    private final Queue<MqttSourceRecord> held = new LinkedBlockingQueue<>();

    /** What the last poll returned, where Kafka Connect may give up some of it and say nothing of it. */
    private List<MqttSourceRecord> lastHandedOver = List.of();

    /** What was read and is not handed over yet: one message may become many records. */
    private Optional<ReadBatch> rest = Optional.empty();

    /** A question that Kafka has to answer before the next message becomes a record; null: none. */
    private volatile @Nullable Unanswered unanswered;

    /** Whether that is so because the buffer cannot be asked now for what it refers to. */
    private boolean isWaitingForBuffer;

    private final OffsetCommits commits;
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    /** Whether nothing more is read until a record is settled behind which many are remembered. */
    private volatile boolean full;

    private volatile @Nullable Delivery lastTaken;
    private final LastHeard lastHeard = new LastHeard();
    private volatile @Nullable Thread poller;
    private volatile boolean transactionEnded;
    private volatile boolean closed;
    private volatile long lastToldNs = System.nanoTime();
    private volatile LanePositions lastTold;

    /** What is still to be read was received after that, as far as is known. */
    private volatile long readToMs = System.currentTimeMillis();

    private record Unanswered(NotNowException why, long sinceNs) {}

    /**
     * Begins to drain a buffer to which a connector has just attached.
     *
     * @param wake lets the task poll again at once
     * @param isTooMuchKept whether the drains of the task together remember more {@link #keptBehind} than they may
     */
    Drain(
            Attachment buffer,
            Resume resume,
            SourceOffsets offsets,
            Suspicion suspicion,
            Routes routes,
            BatchLimits limits,
            DeadLetterPolicy deadLetters,
            GivenUp givenUp,
            LossLog losses,
            SparkplugLog sparkplug,
            Runnable wake,
            BooleanSupplier isTooMuchKept) {
        this.buffer = buffer;
        this.maker = new RecordMaker(
                buffer.bufferId(),
                resume,
                offsets,
                routes,
                deadLetters,
                suspicion,
                losses,
                routes.haveSparkplug()
                        ? Optional.of(new EdgeNodes(buffer, sparkplug, routes::readAllOf))
                        : Optional.empty());
        this.limits = limits;
        this.refused = new RefusedLater(deadLetters, maker, offsets);
        this.suspicion = suspicion;
        this.givenUp = givenUp;
        this.losses = losses;
        this.wake = wake;
        this.isTooMuchKept = isTooMuchKept;
        this.outstanding = new Outstanding(resume.handled());
        this.commits = new OffsetCommits(resume.lanesWithOffsets());
        this.lastTold = buffer.acknowledged();
        buffer.seek(resume.handled());
        suspicion.begun();
        buffer.offsetsStored(commits.stored());
    }

    /** Kafka Connect begins a poll, within which there may be several of this. */
    void polling() {
        commits.polling();
    }

    /**
     * The next records; none if there is nothing to read. Does not wait.
     *
     * @throws ConnectException if a message cannot be mapped and may not be left out, or the buffer fails, now or in
     *     an earlier acknowledgement
     */
    List<SourceRecord> poll() throws InterruptedException {
        poller = Thread.currentThread();
        suspicion.polling();
        if (!lastHeard.isPolling()) {
            unanswered = null; // nobody has asked meanwhile
        }
        lastHeard.polling(outstanding.onTheirWay() > 0);
        if (transactionEnded) {
            concludeTransaction();
            transactionEnded = false;
        }
        try {
            tell();
            commits.sent(outstanding.sent());
            rethrowFailure();
            List<MqttSourceRecord> letters = refused.letters(this);
            if (letters.isEmpty()) {
                return readOn();
            }
            lastHandedOver = letters;
            return List.copyOf(letters);
        } catch (ConnectException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ConnectException(e.getMessage(), e);
        }
    }

    /** Records of the transaction of which Kafka Connect has said nothing are not in Kafka. */
    private void concludeTransaction() {
        for (MqttSourceRecord record : lastHandedOver) {
            if (isGivenUp(record.delivery())) {
                refuse(record);
            }
        }
        if (outstanding.onTheirWay() <= held.size() + refused.size()) {
            return; // it has said all
        }
        Set<Delivery> stillToCome = Collections.newSetFromMap(new IdentityHashMap<>());
        held.forEach(record -> stillToCome.add(record.delivery()));
        refused.forEach(stillToCome::add);
        outstanding.dropRest(stillToCome);
    }

    private void refuse(MqttSourceRecord record) {
        suspicion.refused(record.delivery().lane());
        refused.add(record);
        wake.run();
    }

    private List<SourceRecord> readOn() throws InterruptedException {
        boolean careful = suspicion.isCareful(outstanding.frontier());
        if ((careful || !held.isEmpty()) && isAnyHandedOver()) {
            return List.of(); // the one before is not dealt with
        }
        if (held.isEmpty()) {
            if (isFull()) {
                return List.of();
            }
            suspicion.allSettledIf(outstanding.onTheirWay() == 0, outstanding.frontier());
            ReadBatch read = rest.orElse(null);
            if (read == null) {
                read = buffer.read(careful ? 1 : limits.maxMessages(), limits.maxBytes(), Duration.ZERO);
            }
            read.gaps().forEach(losses::lost);
            noteTime(read);
            List<MqttSourceRecord> records = handOver(read);
            boolean waits = unanswered != null || isWaitingForBuffer;
            boolean unwanted = records.isEmpty() && !read.messages().isEmpty();
            if (unwanted && !waits && (rest.isPresent() || read.frontier() < buffer.end())) {
                wake.run(); // the buffer tells only of what comes, and more may be there already
            }
            if (!careful) {
                return released(records);
            }
            held.addAll(records);
        }
        MqttSourceRecord next = held.poll();
        return next == null ? List.of() : released(List.of(next));
    }

    /**
     * Whether one record holds up so many that nothing more may be read. Not in transactions: they settle all that they
     * have at once.
     */
    private boolean isFull() {
        boolean before = full;
        full = suspicion.isAtLeastOnce() && keptBehind() > 0 && isTooMuchKept.getAsBoolean();
        if (full && !before) {
            wake.run(); // what has been settled since this poll began woke nobody
        }
        return full;
    }

    /** How many settled records are remembered, as one before them is not settled. */
    int keptBehind() {
        return outstanding.keptBehind();
    }

    private List<SourceRecord> released(List<MqttSourceRecord> records) {
        if (givenUp.isPossible()) {
            lastHandedOver = records;
        }
        records.forEach(refused::handsOver);
        return List.copyOf(records);
    }

    private void noteTime(ReadBatch read) {
        List<StoredMessage> messages = read.messages();
        if (!messages.isEmpty()) {
            readToMs = messages.get(messages.size() - 1).message().receivedAtMs();
        } else if (read.frontier() >= buffer.end()) {
            readToMs = System.currentTimeMillis();
        }
    }

    /**
     * How long Kafka has acknowledged nothing although records are on their way, or are to be made; empty if it does.
     */
    Optional<Silence> silence() {
        Unanswered question = unanswered;
        if (question != null && lastHeard.isPolling()) {
            return Optional.of(new Silence(
                    Duration.ofNanos(System.nanoTime() - question.sinceNs()).toMillis(),
                    question.why().topic(),
                    String.valueOf(question.why().getMessage()),
                    Extent.ALL));
        }
        if (full) {
            Optional<Silence> stopped = outstanding.stuck().map(Silence::ofReading);
            if (stopped.isPresent()) {
                return stopped;
            }
        }
        if (!isAnyHandedOver()) {
            return Optional.empty();
        }
        return lastHeard
                .silence()
                .filter(SilenceWatch::isStall)
                .or(() -> outstanding.heldUp(lastHeard.ofRecordNs()).map(Silence::ofOne))
                .or(lastHeard::silence);
    }

    /** Whether a record is on its way that does not wait for another one here. */
    private boolean isAnyHandedOver() {
        return outstanding.onTheirWay() > held.size();
    }

    /** The drain at this moment. Changes nothing. */
    DrainSnapshot stats() {
        Outstanding.Look look = outstanding.look();
        long lag = Math.max(0, buffer.end() - look.handled().lowest(buffer.lanes()) - 1);
        return new DrainSnapshot(lag, lag == 0 ? 0 : age(look), look.inKafka(), look.dropped());
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

    private List<MqttSourceRecord> handOver(ReadBatch read) {
        List<MqttSourceRecord> records = new ArrayList<>(read.messages().size());
        rest = Optional.empty();
        isWaitingForBuffer = false;
        maker.polling();
        for (int i = 0; i < read.messages().size(); i++) {
            StoredMessage message = read.messages().get(i);
            if (records.size() >= limits.maxMessages() || maker.hasMadeEnough()) {
                return handOverBefore(i, read, records);
            }
            int made = records.size();
            try {
                maker.make(message, this, records);
                if (unanswered != null) {
                    unanswered = null;
                }
            } catch (NotNowException why) {
                Unanswered before = unanswered;
                unanswered = new Unanswered(why, before == null ? System.nanoTime() : before.sinceNs());
                return handOverBefore(i, read, records);
            } catch (BufferUnreachableException away) {
                // the same message again when it is back, with all of its records
                records.subList(made, records.size()).clear();
                unanswered = null;
                isWaitingForBuffer = true;
                return handOverBefore(i, read, records);
            } catch (ConnectException refused) {
                unanswered = null;
                onTheirWay(records, message.position());
                if (records.isEmpty()) {
                    throw refused;
                }
                // What came before goes to Kafka first, or a restart would come upon the same message with nothing
                // done.
                failure.compareAndSet(null, refused);
                return records;
            }
        }
        onTheirWay(records, read.frontier());
        return records;
    }

    /** What was made of the messages before one; the rest is for the next poll. */
    private List<MqttSourceRecord> handOverBefore(int next, ReadBatch read, List<MqttSourceRecord> records) {
        List<StoredMessage> messages = read.messages();
        rest = Optional.of(new ReadBatch(messages.subList(next, messages.size()), read.frontier(), List.of()));
        onTheirWay(records, messages.get(next).position());
        return records;
    }

    private void onTheirWay(List<MqttSourceRecord> records, long readTo) {
        outstanding.handOver(records.stream().map(MqttSourceRecord::delivery).toList(), readTo);
    }

    /**
     * Takes note that a record that a poll returned is settled.
     *
     * @param sent whether it is in Kafka; false if a transformation or a tolerated failure dropped it
     */
    void settled(MqttSourceRecord record, boolean sent) {
        Delivery delivery = record.delivery();
        lastHeard.ofRecord();
        if (sent) {
            suspicion.arrived(delivery);
        } else if (isGivenUp(delivery)) {
            refuse(record);
            return;
        }
        settle(delivery, sent);
    }

    private boolean isGivenUp(Delivery delivery) {
        boolean onProducer = !Thread.currentThread().equals(poller);
        boolean atOnce = suspicion.isAtLeastOnce() || delivery == lastTaken;
        return !delivery.isSettled() && !refused.has(delivery) && givenUp.is(atOnce, onProducer);
    }

    /** Kafka Connect looks at a record for the first time. */
    void taken(Delivery delivery, String topic) {
        lastHeard.taken(topic);
        lastTaken = delivery;
    }

    /** Takes note that one of the records of a message is settled. */
    void settle(Delivery delivery, boolean sent) {
        boolean last = outstanding.settle(delivery, sent) || !isAnyHandedOver();
        if (last || full) {
            wake.run();
        }
        if (last || System.nanoTime() - lastToldNs >= TELL_INTERVAL_NS) {
            tellOrFailLater();
        }
    }

    void committed() {
        tellOrFailLater();
        if (Thread.currentThread().equals(poller)) {
            transactionEnded = true;
            if (suspicion.isAtLeastOnce()) {
                commits.committedLast();
            } else {
                commits.committedAll(outstanding.sent());
            }
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
    void close() {
        if (closed) {
            return;
        }
        try {
            tell();
            suspicion.conclude(outstanding.inDoubt(), outstanding.frontier());
            reportRest();
        } catch (RuntimeException e) {
            LOG.warn(
                    "The buffer does not know what Kafka acknowledged last, and may deliver it again: {}",
                    e.getMessage());
        } finally {
            closed = true;
            try {
                buffer.close();
            } finally {
                BuffersInUse.end(losses.connector(), buffer.bufferId());
                suspicion.ended();
            }
        }
    }

    /** Says what stays behind: where the task goes, the buffer may not follow. */
    private void reportRest() {
        long rest = buffer.end() - 1 - outstanding.handled().lowest(buffer.lanes());
        if (rest > 0) {
            losses.staysBehind(rest, buffer.bufferId());
        }
    }
}
