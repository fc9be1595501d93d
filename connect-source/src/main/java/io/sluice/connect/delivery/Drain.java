package io.sluice.connect.delivery;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.connect.delivery.SilenceWatch.Silence;
import io.sluice.connect.route.Routes;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
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
 * ({@link Intake}) and names each record's place in the log as its source offset. Nothing is remembered of a record but that
 * it is {@link Outstanding}.
 *
 * <p>Backward: Kafka Connect says of each record that it is in Kafka, or that a transformation or a tolerated failure
 * dropped it ({@link #settled}); it does so on threads of its producer, in any order, and also after the task has
 * stopped. The drain tells the buffer up to where everything is dealt with ({@link Acknowledgements}).
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

    private final Attachment buffer;
    private final Intake intake;
    private final RefusedLater refused;
    private final Suspicion suspicion;
    private final GivenUp givenUp;
    private final LossLog losses;
    private final Runnable wake;
    private final BooleanSupplier isTooMuchKept;
    private final Outstanding outstanding;
    private final Acknowledgements acknowledgements;

    /** Records that wait for the one before; it knows its size. */
    private final Queue<MqttSourceRecord> held = new LinkedBlockingQueue<>();

    /** What the last poll returned, where Kafka Connect may give up some of it and say nothing of it. */
    private List<MqttSourceRecord> lastHandedOver = List.of();

    /** Whether nothing more is read until a record is settled behind which many are remembered. */
    private volatile boolean full;

    private volatile @Nullable Delivery lastTaken;
    private final LastHeard lastHeard = new LastHeard();
    private volatile @Nullable Thread poller;
    private volatile boolean transactionEnded;
    private volatile boolean closed;

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
        RecordMaker maker = new RecordMaker(
                this,
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
        this.refused = new RefusedLater(deadLetters, maker, offsets);
        this.suspicion = suspicion;
        this.givenUp = givenUp;
        this.losses = losses;
        this.wake = wake;
        this.isTooMuchKept = isTooMuchKept;
        this.outstanding = new Outstanding(resume.handled());
        this.acknowledgements =
                new Acknowledgements(buffer, outstanding, resume.lanesWithOffsets(), suspicion::isAtLeastOnce);
        this.intake = new Intake(buffer, maker, limits, losses, outstanding, acknowledgements::failLater);
        buffer.seek(resume.handled());
        suspicion.begun();
        acknowledgements.begin();
    }

    /**
     * Kafka Connect begins a poll, within which there may be several of this. The transaction that ended last is concluded
     * whichever buffer it was of: what failed in it can be told from what failed later only now.
     */
    void polling() {
        suspicion.polling();
        acknowledgements.polling();
        if (transactionEnded) {
            concludeTransaction();
            transactionEnded = false;
        }
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
            intake.forgetQuestion(); // nobody has asked meanwhile
        }
        lastHeard.polling(outstanding.onTheirWay() > 0);
        try {
            acknowledgements.polled();
            List<MqttSourceRecord> letters = refused.letters();
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
        Set<Delivery> stillToCome = new HashSet<>();
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
            List<MqttSourceRecord> records = intake.read(careful);
            if (intake.mayHaveMore()) {
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

    /**
     * How long Kafka has acknowledged nothing although records are on their way, or are to be made; empty if it does.
     */
    Optional<Silence> silence() {
        Optional<Silence> unanswered = intake.unanswered();
        if (unanswered.isPresent() && lastHeard.isPolling()) {
            return unanswered;
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

    /**
     * The draining of one buffer at one moment.
     *
     * @param lag positions that are not dealt with
     * @param oldestAgeMs how long the oldest message that is not dealt with has waited, in milliseconds; 0 if there is none. Of
     *     messages that were not read, because the task is paused, the longest time that it can be
     * @param delivered records that are in Kafka
     * @param filtered records that a transformation or a tolerated failure has dropped
     */
    record Snapshot(long lag, long oldestAgeMs, long delivered, long filtered) {}

    /** The drain at this moment. Changes nothing. */
    Snapshot stats() {
        Outstanding.Look look = outstanding.look();
        long lag = Math.max(0, buffer.end() - look.handled().lowest(buffer.lanes()) - 1);
        return new Snapshot(lag, lag == 0 ? 0 : age(look), look.inKafka(), look.dropped());
    }

    private long age(Outstanding.Look look) {
        long oldest = look.oldestReceivedAtMs() == Long.MAX_VALUE ? intake.readToMs() : look.oldestReceivedAtMs();
        return Math.max(0, System.currentTimeMillis() - oldest);
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
        } else if (refused.has(delivery)) {
            return; // Kafka Connect has said so before, and the dead letter is still to come
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
        acknowledgements.settled(last);
    }

    void committed() {
        boolean onPoller = Thread.currentThread().equals(poller);
        if (onPoller) {
            transactionEnded = true;
        }
        acknowledgements.committed(onPoller);
    }

    /** Tells the buffer what is dealt with and detaches from it. Idempotent. */
    void close() {
        if (closed) {
            return;
        }
        try {
            acknowledgements.tell();
            suspicion.conclude(outstanding.inDoubt(), outstanding.frontier());
            reportRest();
        } catch (RuntimeException e) {
            LOG.warn(
                    "The buffer does not know what Kafka acknowledged last, and may deliver it again: {}",
                    e.getMessage());
        } finally {
            closed = true;
            acknowledgements.end();
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
