package io.sluice.remote;

import io.sluice.buffer.BufferConsumer;
import io.sluice.buffer.ConsumerSpec;
import io.sluice.buffer.Doubt;
import io.sluice.buffer.FencedException;
import io.sluice.buffer.Run;
import io.sluice.buffer.log.BufferException;
import io.sluice.buffer.log.LanePositions;
import io.sluice.buffer.log.Lanes;
import io.sluice.buffer.log.ReadBatch;
import io.sluice.buffer.log.RecordBatch;
import io.sluice.buffer.log.RecordDecoder;
import io.sluice.remote.wire.Attach;
import io.sluice.remote.wire.Attached;
import io.sluice.remote.wire.Batch;
import io.sluice.remote.wire.Resume;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connector's hold on the buffer of a broker on another machine.
 *
 * <p>The broker sends batches of records ahead, as many as fit a small window; the reading thread checks them and makes
 * messages of them. What is acknowledged is sent at once, and never blocks.
 *
 * <p>A connection that is lost, also because the broker starts again, is made again without the caller: until then reads
 * wait and return nothing. Reading goes on behind what has come in, nothing is returned twice and nothing left out;
 * what was acknowledged last is said again. How it stands is {@link #connection}.
 *
 * <p>Once a newer attachment of the consumer drains one of the lanes, reads throw {@link FencedException}; they throw
 * {@link BufferException} if another buffer stands behind the endpoint, the buffer ends before what has come in, a batch
 * was changed on its way, or the broker refuses this worker. Then the attachment is of no use any more.
 */
public final class RemoteBuffer implements BufferConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteBuffer.class);

    /** Whoever waits longer for a batch waits for the way there and back, and not for the broker's disk. */
    private static final long STARVING_NANOS = Duration.ofMillis(5).toNanos();

    /** What becomes of what is to be said. */
    private sealed interface Hold {}

    private record Connected(BufferConnection connection) implements Hold {}

    /** The connection is lost, and tried again. */
    private record Away() implements Hold {}

    /** @param failure absent if it was closed */
    private record Ended(Optional<BufferException> failure) implements Hold {}

    private final Dialer dialer;
    private final ConsumerSpec spec;
    private final String bufferId;
    private final boolean inMemory;
    private final RecordDecoder decoder = new RecordDecoder();
    private final Events events = new Events();
    private final Told told;
    private final Map<String, Run.Standing> recognised = new HashMap<>();

    private Run run;
    private Hold hold;
    private final Inbox inbox = new Inbox();
    private @Nullable LanePositions handled;
    private long receivedTo;
    private long readTo;
    private OptionalLong hungrySince = OptionalLong.empty();
    private long start;
    private long end;
    private Runnable onReadable = () -> {};
    private ConnectionState state;

    private RemoteBuffer(Dialer dialer, ConsumerSpec spec) throws InterruptedException {
        this.dialer = dialer;
        this.spec = spec;
        BufferConnection first = BufferConnection.open(dialer, Wire.attach(spec).build(), events);
        Attached attached = first.attached();
        this.bufferId = attached.getBufferId();
        this.run = Wire.run(attached.getRun(), attached.getOpening());
        this.inMemory = attached.getInMemory();
        this.start = attached.getStart();
        this.end = attached.getEnd();
        this.told = new Told(spec.lanes(), attached);
        this.state = ConnectionState.first();
        this.hold = new Connected(first);
        first.use();
    }

    /**
     * Attaches to a buffer; {@link #seek} takes the lanes from earlier attachments of the consumer. Waits fifteen seconds
     * at most.
     *
     * @throws BufferUnreachableException if nobody answers: to try again later may help
     * @throws BufferException if the broker refuses this worker, is no broker of Sluice's, speaks no version of the
     *     protocol that this one does, or one does not trust the other
     */
    public static RemoteBuffer attach(BufferEndpoint endpoint, BufferCredentials credentials, ConsumerSpec spec) {
        try {
            return new RemoteBuffer(new Dialer(endpoint, credentials), spec);
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

    /** How the connection is now. */
    public synchronized ConnectionState connection() {
        return state;
    }

    @Override
    public String bufferId() {
        return bufferId;
    }

    @Override
    public synchronized String run() {
        return run.toString();
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
        Hold now;
        synchronized (this) {
            requireOpen();
            Run.Standing known = recognised.get(candidate);
            if (known != null) {
                return known;
            }
            now = hold;
        }
        if (!(now instanceof Connected connected)) {
            throw new BufferUnreachableException(
                    dialer.endpoint() + " cannot be reached, and only it knows whether this run is one of its buffer");
        }
        Run.Standing standing = connected.connection().standing(spec.name(), Run.of(candidate));
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
        if (isOpen() && told.offsetsStored(lanes)) {
            say(connection -> connection.offsetsStored(told.lanesWithStoredOffsets()));
        }
    }

    @Override
    public synchronized Doubt doubt() {
        return told.doubt();
    }

    @Override
    public synchronized void doubt(Doubt left) {
        if (isOpen() && handled != null && told.doubt(left)) {
            say(told::sayDoubt);
        }
    }

    /** False too for a broker that does not say so. */
    @Override
    public synchronized boolean isDoubtKept() {
        return told.isDoubtKept();
    }

    @Override
    public synchronized void seek(LanePositions from) {
        requireOpen();
        if (handled != null) {
            throw new IllegalStateException("reading has begun already");
        }
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            if (lanes().contains(lane) && from.at(lane) >= end) {
                throw new BufferException("lane " + lane + " should go on behind position " + from.at(lane)
                        + ", but the buffer at " + dialer.endpoint() + " ends before " + end
                        + ": its folder was restored from an older copy, or is another buffer's");
            }
        }
        handled = from;
        receivedTo = lanes().equals(Lanes.NONE) ? end : Math.max(0, from.lowest(lanes()) + 1);
        readTo = receivedTo;
        say(connection -> {
            connection.seek(from);
            connection.take(inbox.dueFromTheStart());
        });
    }

    @Override
    public ReadBatch read(int maxMessages, int maxBytes, Duration wait) throws InterruptedException {
        if (decoder.isDone()) {
            decoder.take(take(wait));
        } else {
            requireOpen();
        }
        return decoder.next(maxMessages, maxBytes);
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
            fail(cause);
            throw cause;
        }
    }

    private synchronized RecordBatch await(Duration wait) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long deadline = System.nanoTime() + wait.toNanos();
        requireOpen();
        if (handled == null) {
            throw new IllegalStateException("seek says where reading begins, and was not called");
        }
        if (inbox.isEmpty() && receivedTo < end && hungrySince.isEmpty()) {
            hungrySince = OptionalLong.of(System.nanoTime());
        }
        for (long left = wait.toNanos(); inbox.isEmpty() && left > 0; left = deadline - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            requireOpen();
        }
        Optional<RecordBatch> next = inbox.take();
        say(connection -> connection.take(inbox.due()));
        readTo = next.map(RecordBatch::frontier).orElse(readTo);
        return next.orElseGet(() -> new RecordBatch(ByteBuffer.allocate(0), 0, readTo, List.of()));
    }

    @Override
    public synchronized void onReadable(Runnable action) {
        onReadable = action;
    }

    @Override
    public synchronized void acknowledge(LanePositions positions) {
        if (!isOpen()) {
            return;
        }
        told.acknowledge(positions);
        say(connection -> connection.acknowledge(told.acknowledged()));
    }

    /** Says something to the broker, unless it is away: when it is back it hears how things stand. */
    private void say(Consumer<BufferConnection> saying) {
        if (hold instanceof Connected now) {
            saying.accept(now.connection());
        }
    }

    private boolean isOpen() {
        return !(hold instanceof Ended);
    }

    private synchronized void requireOpen() {
        if (hold instanceof Ended ended) {
            throw ended.failure()
                    .map(RuntimeException.class::cast)
                    .orElseGet(() -> new IllegalStateException("this attachment is closed"));
        }
    }

    private void fail(BufferException cause) {
        end(new Ended(Optional.of(cause)));
    }

    private void end(Ended ended) {
        Hold before;
        synchronized (this) {
            if (!isOpen() && ended.failure().isPresent()) {
                return;
            }
            before = hold;
            hold = ended;
            notifyAll();
            if (ended.failure().isPresent()) {
                state = state.ended(ended.failure().get());
                onReadable.run();
            }
        }
        if (before instanceof Connected connected) {
            connected.connection().close();
        }
    }

    private boolean isConnectedBy(BufferConnection connection) {
        return hold instanceof Connected now && now.connection() == connection;
    }

    /** What comes over the connection, or becomes of it. */
    private final class Events implements BufferConnection.Listener, Redial.Caller {

        @Override
        public void received(BufferConnection from, Batch batch) {
            synchronized (RemoteBuffer.this) {
                if (isConnectedBy(from)) {
                    inbox.add(batch);
                    if (hungrySince.isPresent()) {
                        if (System.nanoTime() - hungrySince.getAsLong() >= STARVING_NANOS) {
                            inbox.starved();
                            from.take(inbox.due());
                        }
                        hungrySince = OptionalLong.empty();
                    }
                    receivedTo = batch.getFrontier();
                    start = batch.getStart();
                    end = batch.getEnd();
                    RemoteBuffer.this.notifyAll();
                    onReadable.run();
                }
            }
        }

        /** Also when this attachment is closed: what it left in doubt is the last that it says. */
        @Override
        public void doubtKept(int number) {
            synchronized (RemoteBuffer.this) {
                told.doubtKept(number);
            }
        }

        @Override
        public void lost(BufferConnection from, BufferException why) {
            synchronized (RemoteBuffer.this) {
                if (!isConnectedBy(from)) {
                    return;
                }
                hold = new Away();
                state = state.lost(why);
            }
            if (Redial.mayHelp(why)) {
                LOG.warn(
                        "The connection of '{}' to its buffer is lost, and is tried again until it is back: {}",
                        spec.name(),
                        why.getMessage());
                try {
                    new Redial(dialer, attachAgain(), this, this).start();
                } catch (Error noThread) {
                    fail(new BufferException("No thread could be had to reconnect to " + dialer.endpoint(), noThread));
                }
            } else {
                fail(why);
            }
        }

        @Override
        public boolean pause(Duration time) throws InterruptedException {
            synchronized (RemoteBuffer.this) {
                long deadline = System.nanoTime() + time.toNanos();
                for (long left = time.toNanos(); isOpen() && left > 0; left = deadline - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.timedWait(RemoteBuffer.this, left);
                }
                return isOpen();
            }
        }

        @Override
        public void stillAway(BufferException why) {
            synchronized (RemoteBuffer.this) {
                if (isOpen()) {
                    state = state.stillAway(why);
                }
            }
        }

        @Override
        public void givenUp(BufferException why) {
            fail(why);
        }

        @Override
        public void back(BufferConnection again) {
            synchronized (RemoteBuffer.this) {
                if (isOpen()) {
                    LOG.info(
                            "The connection of '{}' to the buffer at {} is back after {} ms",
                            spec.name(),
                            dialer.endpoint(),
                            Duration.between(state.since(), Instant.now()).toMillis());
                    hold = new Connected(again);
                    state = state.back();
                    run = Wire.run(again.attached().getRun(), again.attached().getOpening());
                    recognised.clear();
                    start = again.attached().getStart();
                    end = again.attached().getEnd();
                    told.sayAgain(again);
                    LanePositions from = handled;
                    if (from != null) {
                        again.seek(LanePositions.of(lane -> Math.max(from.at(lane), receivedTo - 1)));
                        again.take(inbox.dueFromTheStart());
                    }
                    told.sayDoubt(again);
                    again.use();
                    return;
                }
            }
            again.close();
        }
    }

    private synchronized Attach attachAgain() {
        return Wire.attach(spec)
                .setResume(Resume.newBuilder()
                        .setBufferId(bufferId)
                        .setRun(run.attachment())
                        .setOpening(run.opening().orElse(0)))
                .build();
    }

    @Override
    public void close() {
        end(new Ended(Optional.empty()));
    }
}
