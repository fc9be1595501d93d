package io.sluice.buffer;

import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.ConsumerRegistry;
import io.sluice.buffer.consumer.FencedException;
import io.sluice.buffer.consumer.Interest;
import io.sluice.buffer.consumer.LocalAttachment;
import io.sluice.buffer.consumer.Run;
import io.sluice.buffer.consumer.StoredConsumer;
import io.sluice.buffer.log.Births;
import io.sluice.buffer.log.Ledger;
import io.sluice.buffer.log.Log;
import io.sluice.buffer.log.LogReader;
import io.sluice.buffer.log.Segment;
import io.sluice.buffer.log.SegmentHeader;
import io.sluice.buffer.log.SegmentWriter;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.Fingerprint;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.buffer.record.StoredText;
import io.sluice.buffer.recovery.Checkpoint;
import io.sluice.buffer.recovery.Checkpoints;
import io.sluice.buffer.recovery.Openings;
import io.sluice.buffer.recovery.Recovery;
import io.sluice.file.DiskFolder;
import io.sluice.file.Folder;
import io.sluice.file.FolderInUseException;
import io.sluice.file.MemoryFolder;
import io.sluice.message.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The log of captured messages, shared by one front door and any number of consumers. Thread-safe.
 *
 * <p>{@link Appender} gives each message a position, and a place in the group that gathers while the group before it is
 * written. {@link Committer} writes group after group into the open {@link Segment}, forces it, and only then shows it to
 * readers and tells those who wait: what a reader has seen survives a power cut, so that no position is ever given to two
 * messages. Consumers read the segments' files by themselves ({@link LogReader}), and say what they have dealt with
 * ({@link ConsumerRegistry}). {@link Housekeeper} persists that about once a second and drops segments that nobody needs
 * any more. {@link Recovery} opens what an earlier process left.
 *
 * <p>The log also holds which packet identifiers of QoS 2 publishes were released, so that the buffer knows at any time,
 * also after a crash, which are in use ({@link Ledger}). "The buffer" in {@code assembly/docs/design.md} says more.
 */
public final class SharedBuffer implements AutoCloseable {

    private final Folder folder;
    private final BufferConfig config;
    private final Log log;
    private final Births births;
    private final Counters counters;
    private final ConsumerRegistry consumers;
    private final Appender appender;
    private final ArrivalTimes arrivals;
    private final Housekeeper housekeeper;
    private final Openings openings;
    private final Committer committer;
    private final BufferThread writer;
    private final long recoveredEnd;
    private final Map<String, Map<Integer, Long>> unreleased;
    private boolean closed;

    private SharedBuffer(BufferConfig config, Folder folder, Counters counters, Recovery.Recovered recovered) {
        this.config = config;
        this.folder = folder;
        this.counters = counters;
        this.log = recovered.log();
        this.births = recovered.births();
        this.openings = recovered.checkpoint().openings();
        Checkpoints checkpoints = new Checkpoints(
                folder, recovered.checkpoint().sequence(), (sequence, since) -> this.remember(sequence, since));
        this.consumers = new ConsumerRegistry(
                log,
                config.consumerExpiry(),
                StoredConsumer.decode(recovered.checkpoint().consumers()),
                () -> this.onProgress(),
                () -> this.onLessWanted(),
                checkpoints,
                openings);
        this.appender = new Appender(config, log, counters, recovered.next(), () -> this.onPressure());
        this.arrivals = new ArrivalTimes(log.segments(), log.end(), InstantSource.system());
        this.housekeeper = new Housekeeper(
                config,
                folder,
                log,
                births,
                counters,
                consumers,
                appender,
                checkpoints,
                arrivals,
                recovered.checkpoint().orphans());
        this.recoveredEnd = log.end();
        this.unreleased = recovered.ledger().copy();
        SegmentWriter segments =
                new SegmentWriter(folder, log, config.segmentBytes(), recovered.ledger(), births, recovered.file());
        this.committer = new Committer(
                appender, segments, counters, consumers, config.acknowledgesUnattached(), folder.toString());
        this.writer = new BufferThread(committer, "sluice-buffer-writer", folder);
    }

    private Checkpoint remember(long sequence, long since) {
        return new Checkpoint(
                log.bufferId(),
                sequence,
                log.heldFrom(),
                log.end(),
                housekeeper.orphans(),
                openings.since(log.start()),
                log.losses().remembered(),
                List.of(consumers.save(since)));
    }

    private void onProgress() {
        housekeeper.progress();
        if (consumers.anyWantsDelivery()) {
            appender.wake();
        }
    }

    private void onLessWanted() {
        housekeeper.progress();
        appender.wake();
    }

    private void onPressure() {
        housekeeper.pressure();
    }

    /**
     * Opens a buffer, and recovers it if it was not closed cleanly.
     *
     * @throws BufferException if it cannot be opened: the sizes do not fit each other, or the folder is not writable, is
     *     locked by another process, or holds something else
     */
    public static SharedBuffer open(BufferConfig config) {
        if (config.segmentBytes() <= SegmentHeader.BYTES) {
            throw new BufferException("buffer.segment.bytes must be more than " + SegmentHeader.BYTES + ", and is "
                    + config.segmentBytes());
        }
        if (config.maxBytes() < 2L * config.segmentBytes()) {
            throw new BufferException("buffer.max.bytes is " + config.maxBytes()
                    + ", and must be at least two segments (buffer.segment.bytes is " + config.segmentBytes() + ")");
        }
        Folder folder = config.dir().map(SharedBuffer::folder).orElseGet(MemoryFolder::new);
        try {
            return open(config, folder);
        } catch (RuntimeException | Error e) {
            folder.close();
            throw e;
        }
    }

    /** Opens {@code buffer.dir}, and says what is wrong with it in its own words. */
    private static Folder folder(Path dir) {
        try {
            return DiskFolder.open(dir);
        } catch (FolderInUseException e) {
            throw new BufferException(
                    "buffer.dir " + dir + " is in use by another broker; set another folder for this broker, or stop"
                            + " the other one first",
                    e);
        } catch (IOException e) {
            throw new BufferException("buffer.dir " + dir + " cannot be opened: " + e, e);
        }
    }

    /** Opens a buffer whose files are in a folder, which {@link #close} closes. */
    static SharedBuffer open(BufferConfig config, Folder folder) {
        try {
            Counters counters = new Counters();
            Recovery.Recovered recovered = Recovery.run(folder, counters.drops, StoredConsumer::merge);
            SharedBuffer buffer = new SharedBuffer(config, folder, counters, recovered);
            try {
                buffer.writer.start();
                buffer.housekeeper.start();
            } catch (Error noThread) {
                buffer.close();
                throw noThread;
            }
            return buffer;
        } catch (IOException e) {
            throw new BufferException("the buffer in " + folder + " cannot be opened: " + e, e);
        }
    }

    /** The buffer's identity, made once for each folder. */
    public String id() {
        return log.bufferId().toString();
    }

    /** Whether it is in memory, so that what it holds ends with its process. */
    public boolean isInMemory() {
        return config.dir().isEmpty();
    }

    /** Whether consumers, attached or remembered, want the messages of a topic. Cheap: takes no lock, and what many filters say of a topic is remembered. */
    public Interest interest(String topic) {
        return consumers.interest(topic);
    }

    /**
     * Appends messages in order. Never blocks for I/O, copies what it accepts before it returns. A buffer that is closed
     * refuses everything.
     *
     * @param messages at least one
     * @param listener hears of the messages accepted; not called if none is
     * @throws BufferException if one of the messages is longer than MQTT allows; then none is appended
     */
    public Admission append(List<Message> messages, AppendListener listener) {
        return appender.append(messages, listener, delivery(messages));
    }

    private Group.Delivery delivery(List<Message> messages) {
        long wanting = consumers.wantDelivered(messages);
        return wanting == 0 ? Group.Delivery.NONE : new Group.Delivery(wanting, Lanes.of(messages));
    }

    /**
     * Says that a client has released packet identifiers of QoS 2 publishes that were captured (PUBREL, [MQTT-4.3.3-11]).
     * Never blocks, and is taken also while the buffer is full.
     *
     * @param packetIds at least one
     * @param listener hears when this is safe: from then on PUBCOMP may be sent. It waits for no consumer
     * @return false if the buffer is closed; then the listener is not called
     */
    public boolean release(String clientId, List<Integer> packetIds, AppendListener listener) {
        StoredText.requireStorable("client id", clientId);
        return appender.release(clientId, packetIds, listener);
    }

    /**
     * Says that a client's session has ended, and the use of its packet identifiers with it. Never blocks. Safe before
     * anything that is appended later is; if its force fails, it counts nevertheless.
     */
    public void endSession(String clientId) {
        StoredText.requireStorable("client id", clientId);
        appender.endSession(clientId);
    }

    /**
     * The packet identifiers of QoS 2 publishes that were captured and not released when this buffer was opened, by
     * client, each with the {@link Fingerprint} of its message.
     */
    public Map<String, Map<Integer, Long>> unreleased() {
        return unreleased;
    }

    /**
     * Tells a listener when the publishers of what was in some lanes of the log when this buffer was opened may hear that it is
     * safe, as {@link #append} does for what came later. It waits for all who want messages delivered, of whatever topics.
     */
    public void whenRecoveredIsSafe(Lanes lanes, AppendListener listener) {
        appender.await(recoveredEnd, lanes, listener);
    }

    /**
     * Runs an action once, when there is free space again after an append that said {@link Admission.Rest#WAIT}, or when the
     * buffer is closed. On a thread of the buffer, or on this one if the buffer has ended: it must not block.
     */
    public void whenFree(Runnable action) {
        appender.whenFree(action);
    }

    /**
     * Attaches a consumer, who takes his lanes from an earlier attachment of the same name when he
     * {@linkplain Attachment#seek says where reading begins}. A consumer that the buffer does not know registers at the
     * end of the log; it is remembered from now on, also by the next process.
     * Waits for the disk.
     *
     * @throws BufferException if it is not known, and cannot be remembered because the disk takes no checkpoint. One that
     *     is known attaches nevertheless: it is how a full disk becomes empty again
     */
    public Attachment attach(AttachRequest request) {
        boolean orphaned = !housekeeper.orphans().equals(Checkpoint.Orphans.NONE);
        Attachment attachment = LocalAttachment.attach(
                        consumers, log, births, request, orphaned ? log.start() : log.end())
                .orElseThrow(() -> new BufferException("the buffer in " + folder + " cannot remember the new consumer '"
                        + request.name() + "', because its checkpoint cannot be written; its log says why"));
        appender.wake();
        return attachment;
    }

    /**
     * Attaches a consumer again whose attachment was cut off: by a lost connection, or by the end of the process that had
     * the buffer open. It goes on under its mark, which also says under which opening of the buffer it reads from now on.
     *
     * @param run the mark of that attachment
     * @throws FencedException if a newer attachment was given one of the lanes, whether it still holds it or not
     * @throws BufferException if the buffer does not know the mark: the consumer was forgotten
     */
    public Attachment resume(AttachRequest request, String run) {
        Attachment attachment = LocalAttachment.resume(consumers, log, births, request, Run.of(run));
        appender.wake();
        return attachment;
    }

    /** What this buffer knows of a mark that a consumer's source offset carries. */
    public Run.Standing standing(String consumer, String run) {
        return consumers.standing(consumer, Run.of(run));
    }

    /**
     * Forgets a consumer: nothing is captured and kept for it any more.
     *
     * @return whether it was known
     * @throws BufferException if it is attached
     */
    public boolean forget(String consumer) {
        boolean known = consumers.forget(consumer);
        consumers.save();
        housekeeper.pressure();
        return known;
    }

    /**
     * Gives all that waits for a consumer to another one, which must be new. Waits for the disk.
     *
     * @return false if there is no such consumer, or the other one is not new: then nothing changes
     * @throws BufferException if the consumer is attached
     */
    public boolean takeOver(String from, String to) {
        boolean taken = consumers.takeOver(from, to);
        consumers.save();
        return taken;
    }

    /** When something was last appended, to a second; empty: nothing was since the buffer was opened. */
    public Optional<Instant> newestAt() {
        return arrivals.newestAt();
    }

    /** What waits from a position on. Cheap, reads no file. */
    public Backlog backlog(long position) {
        return new Backlog(
                Math.max(0, log.end() - position),
                log.bytesFrom(position),
                position < log.end() ? arrivals.ageMs(position) : 0);
    }

    /**
     * The latest birth of an edge node or a device of Sparkplug B before a position, as it lies in the log, and as
     * {@link Attachment#birth} says. May read the disk.
     */
    public Optional<RecordBatch> birth(String topic, long before) {
        return births.find(log, topic, before);
    }

    /**
     * Why the buffer takes nothing until it is opened again, in a sentence that names it; empty: an error has not stopped it.
     * Takes no lock.
     */
    public Optional<String> failure() {
        return committer.failure();
    }

    public BufferStats stats() {
        FreeSpace.Now space = appender.space();
        return new BufferStats(
                log.start(),
                log.end(),
                log.bytes(),
                config.maxBytes(),
                log.segments().size(),
                space.lacking() > 0,
                space.stalled(),
                committer.failure(),
                space.withheld(),
                counters.appended.sum(),
                counters.appendedBytes.sum(),
                counters.rejected.sum(),
                counters.groups.sum(),
                counters.groupTimes.recent(),
                counters.drops.counts(),
                births.size(),
                births.forgotten(),
                consumers.stats());
    }

    /** Makes everything accepted safe and releases the folder. Idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (folder) {
            appender.close();
            writer.awaitEnd();
            try {
                consumers.close();
            } finally {
                housekeeper.close();
                births.close();
            }
        }
    }
}
