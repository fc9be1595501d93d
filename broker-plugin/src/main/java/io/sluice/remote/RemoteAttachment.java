package io.sluice.remote;

import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.consumer.FencedException;
import io.sluice.buffer.consumer.Run;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.buffer.record.RecordDecoder;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.remote.wire.Attach;
import io.sluice.remote.wire.Attached;
import io.sluice.remote.wire.Batch;
import io.sluice.remote.wire.FindBirthResponse;
import io.sluice.remote.wire.Resume;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connector's hold on the buffer of a broker on another machine.
 *
 * <p>The broker sends batches of records ahead, as many as fit a small window; the reading thread checks them and makes
 * messages of them. What is acknowledged is sent at once, and never blocks.
 *
 * <p>It makes a lost connection again by itself, also when the broker has started again; until then reads wait and return
 * nothing. It reads on behind what has come in, returns nothing twice and leaves nothing out, and acknowledges again what
 * it acknowledged last. {@link #connection} says how the connection is.
 *
 * <p>Once a newer attachment of the consumer drains one of the lanes, reads throw {@link FencedException}; they throw
 * {@link BufferException} if another buffer stands behind the endpoint, the buffer ends before what has come in, a batch
 * was changed on its way, the broker sends more than it was asked for, or it refuses this worker. Then the attachment is of
 * no use any more.
 */
public final class RemoteAttachment implements Attachment {

    /** Whoever waits longer for a batch waits for the way there and back, and not for the broker's disk. */
    private static final long STARVING_NANOS = Duration.ofMillis(5).toNanos();

    private final Dialer dialer;
    private final AttachRequest spec;
    private final String bufferId;
    private final boolean inMemory;
    private final RecordDecoder decoder = new RecordDecoder();
    private final Link link;
    private final ResumeState told;
    private final Map<String, Run.Standing> recognised = new HashMap<>();

    /** One text, since Kafka Connect keeps it with the offset of each record. */
    private String run;

    private final BatchWindow batches = new BatchWindow();
    private @Nullable LanePositions begun;
    private long receivedTo;
    private long readTo;
    private OptionalLong hungrySince = OptionalLong.empty();
    private long start;
    private long end;
    private Runnable onReadable = () -> {};

    private RemoteAttachment(Dialer dialer, AttachRequest spec) throws InterruptedException {
        this.dialer = dialer;
        this.spec = spec;
        this.link = new Link(dialer, spec.name(), this, new Events());
        BufferConnection first = link.open(Wire.attach(spec).build());
        try {
            Attached attached = first.attached();
            this.bufferId = attached.getBufferId();
            this.run = Wire.run(attached.getRun(), attached.getOpening()).toString();
            this.inMemory = attached.getInMemory();
            this.start = attached.getStart();
            this.end = attached.getEnd();
            this.told = new ResumeState(spec.lanes(), attached);
            first.use();
        } catch (RuntimeException | Error e) {
            link.close();
            throw e;
        }
    }

    /**
     * Attaches to a buffer; {@link #seek} takes the lanes from earlier attachments of the consumer. Waits fifteen seconds
     * at most.
     *
     * @throws BufferUnreachableException if nobody answers: to try again later may help
     * @throws BufferException if the broker refuses this worker, is no broker of Sluice's, speaks no version of the
     *     protocol that this one does, or one does not trust the other
     */
    public static RemoteAttachment attach(BufferEndpoint endpoint, BufferCredentials credentials, AttachRequest spec) {
        try {
            return new RemoteAttachment(new Dialer(endpoint, credentials), spec);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BufferUnreachableException("attaching to " + endpoint + " was interrupted", e);
        }
    }

    /**
     * A question which buffer is served at an endpoint, to be asked any number of times. Asking does not wait, but where
     * a host name has an underscore for the name to be looked up. Thread-safe.
     *
     * @param atMost how long each answer may take
     * @return gives the buffer's id; fails if there is no answer, or the broker does not let this worker in
     * @throws BufferException if a file of the credentials cannot be used
     */
    public static Supplier<CompletableFuture<String>> idAt(
            BufferEndpoint endpoint, BufferCredentials credentials, Duration atMost) {
        Dialer dialer = new Dialer(endpoint, credentials);
        return () -> {
            try {
                return BufferConnection.id(dialer, atMost);
            } catch (BufferException e) {
                return CompletableFuture.failedFuture(e);
            }
        };
    }

    public ConnectionState connection() {
        return link.state();
    }

    @Override
    public String bufferId() {
        return bufferId;
    }

    @Override
    public synchronized String run() {
        return run;
    }

    /** Whether what the buffer holds ends with the broker's process. */
    public boolean isInMemory() {
        return inMemory;
    }

    /**
     * {@inheritDoc}
     *
     * @throws BufferUnreachableException if the broker is away, and knows it alone
     */
    @Override
    public boolean isOwnRun(String candidate, long position) {
        Run.Standing standing = standing(candidate);
        standing.requireRead(position);
        return standing.own();
    }

    private Run.Standing standing(String candidate) {
        synchronized (this) {
            link.requireOpen();
            Run.Standing known = recognised.get(candidate);
            if (known != null) {
                return known;
            }
        }
        BufferConnection connected = link.connection()
                .orElseThrow(() -> new BufferUnreachableException(dialer.endpoint()
                        + " cannot be reached, and only it knows whether this run is one of its buffer"));
        Run.Standing standing = connected.standing(spec.name(), Run.of(candidate));
        synchronized (this) {
            recognised.put(candidate, standing);
        }
        return standing;
    }

    @Override
    public Lanes lanes() {
        return spec.lanes();
    }

    /** As the broker said last. */
    @Override
    public synchronized long start() {
        return start;
    }

    /** As the broker said last. */
    @Override
    public synchronized long end() {
        return end;
    }

    @Override
    public synchronized LanePositions acknowledged() {
        return told.acknowledged();
    }

    @Override
    public synchronized Lanes lanesWithStoredOffsets() {
        return told.lanesWithStoredOffsets();
    }

    @Override
    public synchronized void offsetsStored(Lanes lanes) {
        if (link.isOpen() && told.offsetsStored(lanes)) {
            link.say(connection -> connection.offsetsStored(told.lanesWithStoredOffsets()));
        }
    }

    @Override
    public synchronized Doubt doubt() {
        return told.doubt();
    }

    @Override
    public synchronized void doubt(Doubt left) {
        if (link.isOpen() && begun != null && told.doubt(left)) {
            link.say(told::sayDoubt);
        }
    }

    /** False too for a broker that does not say so. */
    @Override
    public synchronized boolean isDoubtKept() {
        return told.isDoubtKept();
    }

    @Override
    public synchronized void seek(LanePositions from, LanePositions handled) {
        link.requireOpen();
        if (begun != null) {
            throw new IllegalStateException("reading has begun already");
        }
        from.requireBelow(end, lanes(), "the buffer at " + dialer.endpoint());
        begun = from;
        told.begin(handled);
        receivedTo = lanes().equals(Lanes.NONE) ? end : Math.max(0, from.lowest(lanes()) + 1);
        readTo = receivedTo;
        link.say(connection -> {
            connection.seek(from, handled);
            connection.take(batches.dueFromTheStart());
        });
    }

    @Override
    public ReadBatch read(int maxMessages, int maxBytes, Duration wait) throws InterruptedException {
        if (decoder.isDone()) {
            decoder.take(take(wait));
        } else {
            link.requireOpen();
        }
        ReadBatch batch = decoder.next(maxMessages, maxBytes);
        if (batch.messages().isEmpty()) {
            tellOfTheNext();
        }
        return batch;
    }

    /** The batch that was taken held no message, and the next may be here already. */
    private synchronized void tellOfTheNext() {
        if (!batches.isEmpty()) {
            onReadable.run();
        }
    }

    @Override
    public RecordBatch readRecords(int maxBytes, Duration wait) throws InterruptedException {
        if (!decoder.isDone()) {
            throw new IllegalStateException("this consumer reads messages, and some of them are decoded already");
        }
        return take(wait);
    }

    /** The next batch, checked; an empty one if none comes. */
    private RecordBatch take(Duration wait) throws InterruptedException {
        RecordBatch next = await(wait);
        try {
            return next.requireIntact();
        } catch (BufferException e) {
            BufferException cause = new BufferException(dialer.endpoint() + ": " + e.getMessage(), e);
            link.fail(cause);
            throw cause;
        }
    }

    private synchronized RecordBatch await(Duration wait) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long deadline = System.nanoTime() + wait.toNanos();
        link.requireOpen();
        if (begun == null) {
            throw new IllegalStateException("seek says where reading begins, and was not called");
        }
        if (batches.isEmpty() && receivedTo < end && hungrySince.isEmpty()) {
            hungrySince = OptionalLong.of(System.nanoTime());
        }
        for (long left = wait.toNanos(); batches.isEmpty() && left > 0; left = deadline - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            link.requireOpen();
        }
        Optional<RecordBatch> next = batches.take();
        link.say(connection -> connection.take(batches.due()));
        readTo = next.map(RecordBatch::frontier).orElse(readTo);
        return next.orElseGet(() -> new RecordBatch(ByteBuffer.allocate(0), 0, readTo, List.of()));
    }

    /**
     * {@inheritDoc}
     *
     * @throws BufferUnreachableException if the broker is away
     */
    @Override
    public Optional<StoredMessage> birth(String topic, long before) {
        link.requireOpen();
        FindBirthResponse answer = link.connection()
                .orElseThrow(() -> new BufferUnreachableException(
                        dialer.endpoint() + " cannot be reached, and only it knows the births that are asked for"))
                .birth(spec.name(), topic, before);
        return answer.hasBirth()
                ? Optional.of(RecordDecoder.only(
                        Wire.batch(answer.getBirth(), new ReusedArray()).requireIntact()))
                : Optional.empty();
    }

    @Override
    public synchronized void onReadable(Runnable action) {
        onReadable = action;
    }

    @Override
    public synchronized void acknowledge(LanePositions positions) {
        if (!link.isOpen()) {
            return;
        }
        told.acknowledge(positions);
        link.say(connection -> connection.acknowledge(told.handled()));
    }

    /** What comes from the broker, under the lock of this. */
    private final class Events implements Link.Owner {

        @Override
        public void received(Batch batch) {
            batches.add(batch);
            if (hungrySince.isPresent()) {
                if (System.nanoTime() - hungrySince.getAsLong() >= STARVING_NANOS) {
                    batches.starved();
                    link.say(connection -> connection.take(batches.due()));
                }
                hungrySince = OptionalLong.empty();
            }
            receivedTo = batch.getFrontier();
            start = batch.getStart();
            end = batch.getEnd();
            RemoteAttachment.this.notifyAll();
            onReadable.run();
        }

        @Override
        public void doubtKept(int number) {
            told.doubtKept(number);
        }

        @Override
        public Attach attachAgain() {
            Run mark = Run.of(run);
            return Wire.attach(spec)
                    .setResume(Resume.newBuilder()
                            .setBufferId(bufferId)
                            .setRun(mark.attachment())
                            .setOpening(mark.opening().orElse(0)))
                    .build();
        }

        @Override
        public void back(BufferConnection again) {
            run = Wire.run(again.attached().getRun(), again.attached().getOpening())
                    .toString();
            recognised.clear();
            start = again.attached().getStart();
            end = again.attached().getEnd();
            told.sayAgain(again);
            LanePositions from = begun;
            if (from != null) {
                again.seek(LanePositions.of(lane -> Math.max(from.at(lane), receivedTo - 1)), told.handled());
                again.take(batches.dueFromTheStart());
            }
            told.sayDoubt(again);
        }

        @Override
        public void failed() {
            onReadable.run();
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
