package io.sluice.remote;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.BufferClosedException;
import io.sluice.buffer.consumer.FencedException;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.remote.wire.Attach;
import io.sluice.remote.wire.Doubt;
import io.sluice.remote.wire.DoubtKept;
import io.sluice.remote.wire.FromBroker;
import io.sluice.remote.wire.FromWorker;
import io.sluice.remote.wire.Resume;
import io.sluice.remote.wire.Seek;
import io.sluice.tls.Tokens;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker's attachment, which lasts as long as its call. The worker's messages come one at a time, on threads that
 * may wait for a disk. Once the worker has said where reading begins, a thread reads the log for it, only as many
 * batches as it has asked for: what a slow worker does not take stays in the log, and little of it is in memory.
 */
final class DrainSession implements StreamObserver<FromWorker> {

    private static final Logger LOG = LoggerFactory.getLogger(DrainSession.class);

    /**
     * Large enough that what is done for each batch does not count, and small enough that arrays for it are ordinary
     * objects to G1 in a heap of any size. A longer record is a batch alone.
     */
    private static final int BATCH_BYTES = 1 << 18;

    /**
     * How much more than a batch may wait for the network, however many the worker has asked for. Less would wake the
     * reader for each batch that has left.
     */
    private static final int MOST_WAITING_BYTES = 1 << 20;

    /** How often a worker hears of what is not for it, and whether it may still be there is looked at. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(500);

    private static final Status FAILED =
            Status.INTERNAL.withDescription("the broker has failed, and says in its log why");

    private final SharedBuffer buffer;
    private final Executor readers;
    private final Refusals refusals;
    private final Set<Attaching> attaching;
    private final LongAdder sentBytes;
    private final Consumer<DrainSession> onEnd;
    private final ServerCallStreamObserver<FromBroker> out;
    private final Optional<Tokens.Admission> admission = TokenCheck.admission();
    private volatile @Nullable Attachment consumer;
    private boolean reading;
    private long askedFor;
    private long waitedForNetwork;
    private volatile boolean ended;

    /** Who waits until the disk of the buffer remembers that it attaches. */
    record Attaching(String consumer, Lanes lanes) {}

    /** @param attaching shared by the sessions of a buffer */
    DrainSession(
            SharedBuffer buffer,
            Executor readers,
            Refusals refusals,
            Set<Attaching> attaching,
            LongAdder sentBytes,
            Consumer<DrainSession> onEnd,
            ServerCallStreamObserver<FromBroker> out) {
        this.buffer = buffer;
        this.readers = readers;
        this.refusals = refusals;
        this.attaching = attaching;
        this.sentBytes = sentBytes;
        this.onEnd = onEnd;
        this.out = out;
        if (Compression.IS_THERE) {
            // gRPC leaves it to messages, and to what the worker has said that it takes.
            out.setCompression(Compression.ZSTD);
            out.setMessageCompression(false);
        }
        out.setOnReadyThreshold(MOST_WAITING_BYTES);
        out.setOnReadyHandler(this::ready);
        out.setOnCancelHandler(this::gone);
    }

    boolean isAttached() {
        return consumer != null;
    }

    @Override
    public void onNext(FromWorker message) {
        try {
            requireAdmitted();
            switch (message.getMessageCase()) {
                case ATTACH -> attach(message.getAttach());
                case SEEK -> seek(message.getSeek());
                case ACKNOWLEDGE ->
                    attached()
                            .acknowledge(Wire.positions(message.getAcknowledge().getHandledList()));
                case OFFSETS_STORED ->
                    attached()
                            .offsetsStored(new Lanes(message.getOffsetsStored().getLanes()));
                case DOUBT -> doubt(message.getDoubt());
                case TAKE -> {
                    attached();
                    askedFor(Integer.toUnsignedLong(message.getTake().getBatches()));
                }
                case MESSAGE_NOT_SET -> {
                    // Of a newer worker, who does without an answer: what must be understood has a version.
                }
            }
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void seek(Seek from) {
        Attachment open = attached();
        LanePositions read = Wire.positions(from.getHandledList());
        open.seek(read, from.getSettledCount() == 0 ? read : Wire.positions(from.getSettledList()));
        read(open);
    }

    private void doubt(Doubt left) {
        attached().doubt(Wire.doubt(left));
        if (attached().isDoubtKept()) {
            send(FromBroker.newBuilder().setDoubtKept(DoubtKept.newBuilder().setNumber(left.getNumber())));
        }
    }

    private Attachment attached() {
        Attachment open = consumer;
        if (open == null) {
            throw new IllegalArgumentException("the worker has not attached");
        }
        return open;
    }

    private void attach(Attach request) {
        if (consumer != null) {
            throw new IllegalArgumentException("the worker has attached already");
        }
        int version = refusals.agree(request.getVersions(), "A task of connector '" + request.getConsumer() + "'");
        AttachRequest spec = Wire.spec(request);
        refusals.requireLet(admission, spec.name());
        Attachment open = attach(request, spec);
        consumer = open;
        send(FromBroker.newBuilder().setAttached(Wire.attached(open, buffer.isInMemory(), version)));
        closeIfEnded();
    }

    /** A disk that hangs holds one thread of each task, however often the task tries again. */
    private Attachment attach(Attach request, AttachRequest spec) {
        Attaching task = new Attaching(spec.name(), spec.lanes());
        if (!attaching.add(task)) {
            throw Status.UNAVAILABLE
                    .withDescription("the broker's disk has not answered to an earlier attempt of this task to attach")
                    .asRuntimeException();
        }
        try {
            return request.hasResume() ? resume(spec, request.getResume()) : buffer.attach(spec);
        } finally {
            attaching.remove(task);
        }
    }

    private Attachment resume(AttachRequest spec, Resume from) {
        if (!from.getBufferId().equals(buffer.id())) {
            throw new BufferException("the broker's buffer is " + buffer.id() + ", and not " + from.getBufferId()
                    + ", which '" + spec.name() + "' has drained: its folder was replaced, or it was in memory");
        }
        return buffer.resume(spec, Wire.run(from.getRun(), from.getOpening()).toString());
    }

    private void read(Attachment from) {
        if (reading) {
            throw new IllegalArgumentException("the worker reads already");
        }
        reading = true;
        readers.execute(() -> {
            try {
                send(from);
            } catch (InterruptedException e) {
                end(Status.UNAVAILABLE.withDescription("the broker stops"));
            } catch (RuntimeException | Error e) {
                fail(e);
            }
        });
    }

    private void send(Attachment from) throws InterruptedException {
        NetworkPace pace = new NetworkPace();
        long frontier = -1;
        long end = -1;
        while (awaitReady()) {
            RecordBatch batch = from.readRecords(BATCH_BYTES, LONGEST_WAIT);
            if (!batch.isEmpty() || batch.frontier() != frontier || from.end() != end) {
                frontier = batch.frontier();
                end = from.end();
                int bytes = batch.records().remaining();
                sentBytes.add(bytes);
                pace.sent(bytes, takeOnePermit());
                out.setMessageCompression(pace.isSlow());
                // the connection has copied the batch when it has taken it, and the next read may overwrite its records
                send(FromBroker.newBuilder().setBatch(Wire.batch(batch, from.start(), end)));
            }
        }
    }

    private void requireAdmitted() {
        if (admission.isPresent() && !admission.get().holds()) {
            throw Status.UNAUTHENTICATED
                    .withDescription("its token was taken out of the broker's file")
                    .asRuntimeException();
        }
    }

    private synchronized boolean awaitReady() throws InterruptedException {
        requireAdmitted();
        while (!ended && (askedFor <= 0 || !out.isReady())) {
            boolean network = askedFor > 0;
            long since = System.nanoTime();
            wait(LONGEST_WAIT.toMillis());
            waitedForNetwork += network ? System.nanoTime() - since : 0;
            requireAdmitted();
        }
        return !ended;
    }

    private synchronized void askedFor(long more) {
        askedFor += more;
        notifyAll();
    }

    /** Counts a batch; returns how long the network was waited for since the one before, in nanoseconds. */
    private synchronized long takeOnePermit() {
        askedFor--;
        long waited = waitedForNetwork;
        waitedForNetwork = 0;
        return waited;
    }

    private synchronized void ready() {
        notifyAll();
    }

    private synchronized void send(FromBroker.Builder message) {
        if (!ended) {
            out.onNext(message.build());
        }
    }

    /** How a call ends that failed. */
    static Status status(Throwable failure) {
        if (failure instanceof StatusRuntimeException known) {
            return known.getStatus();
        }
        if (failure instanceof FencedException) {
            return Status.ABORTED.withDescription(failure.getMessage());
        }
        if (failure instanceof BufferClosedException) {
            return Status.UNAVAILABLE.withDescription(failure.getMessage());
        }
        if (failure instanceof BufferException && failure.getCause() instanceof IOException) {
            return Status.DATA_LOSS.withDescription(failure.getMessage());
        }
        if (failure instanceof BufferException || failure instanceof IllegalArgumentException) {
            return Status.FAILED_PRECONDITION.withDescription(failure.getMessage());
        }
        LOG.error("A worker cannot be served", failure);
        return FAILED;
    }

    private void fail(Throwable failure) {
        // A read of what is closed fails too: nobody waits for it.
        if (!ended) {
            Status status = FAILED;
            try {
                status = status(failure);
            } finally {
                // Also when the log throws: nobody reads for the worker any more.
                end(status);
            }
        }
    }

    /** Ends the call. Idempotent. */
    void end(Status status) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            notifyAll();
            if (status.isOk()) {
                out.onCompleted();
            } else {
                out.onError(status.asRuntimeException());
            }
        }
        closeIfEnded();
    }

    /** The worker has said all that it had to say: it detaches. */
    @Override
    public void onCompleted() {
        end(Status.OK);
    }

    /** The connection is lost, or the worker has broken off. */
    @Override
    public void onError(Throwable cause) {
        gone();
    }

    private void gone() {
        synchronized (this) {
            ended = true;
            notifyAll();
        }
        closeIfEnded();
    }

    private void closeIfEnded() {
        if (!ended) {
            return;
        }
        onEnd.accept(this);
        Attachment open = consumer;
        if (open != null) {
            open.close();
            consumer = null;
        }
    }
}
