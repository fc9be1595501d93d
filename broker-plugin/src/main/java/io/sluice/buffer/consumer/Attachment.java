package io.sluice.buffer.consumer;

import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.buffer.record.RecordDecoder;
import io.sluice.buffer.record.StoredMessage;
import java.time.Duration;
import java.util.Optional;

/**
 * A connector's hold on a buffer, in this process or on another machine.
 *
 * <p>One thread reads; {@link #acknowledge} and {@link #offsetsStored} may be called from any thread. Once a newer
 * attachment of the same consumer has begun to drain one of the lanes, {@link #seek} and the reads throw
 * {@link FencedException}, and those two do nothing: Kafka's callbacks come late, and have nobody to throw at.
 */
public interface Attachment extends AutoCloseable {

    /** The buffer's identity, made once for each folder. */
    String bufferId();

    /**
     * The run of this attachment, random, which its source offsets carry. It changes when the buffer is opened again, so
     * ask for the run of a message after the message was read.
     */
    String run();

    /** Whether the buffer knew nothing of the consumer before this attachment. */
    default boolean isFirst() {
        return ConsumerState.isFirst(run());
    }

    /**
     * Whether a run is one that this buffer gave to this consumer, now or at an earlier attachment.
     *
     * @param position what the source offset says that carries the run
     * @throws BufferException if another message is at that position now: the folder was restored from an older copy
     */
    boolean isOwnRun(String run, long position);

    /** The lanes this attachment drains. */
    Lanes lanes();

    /** The first position the buffer still holds. */
    long start();

    /** The position after the last one that can be read. */
    long end();

    /**
     * The last position acknowledged, lane by lane; for a lane that never acknowledged, the position before the one at
     * which the consumer registered.
     */
    LanePositions acknowledged();

    /** The lanes for which {@link #offsetsStored} was called. */
    Lanes lanesWithStoredOffsets();

    /**
     * Notes that Kafka Connect holds an offset for these lanes. If one is missing later, an operator has removed it.
     */
    void offsetsStored(Lanes lanes);

    /** What is in doubt in these lanes: what earlier attachments left, or what this one has said since. */
    Doubt doubt();

    /**
     * Remembers what is in doubt in these lanes, for the next attachment. Waits for the disk of the buffer, if it is in this
     * process. Does nothing before {@link #seek}, nor once another attachment has taken the lanes.
     */
    void doubt(Doubt doubt);

    /** Whether the last doubt is surely on the buffer's disk. May be asked once more after {@link #close}. */
    boolean isDoubtKept();

    /**
     * Says where reading begins, and takes the lanes from an older attachment that drains them. Must be called once, before
     * the first read. Waits for the disk of the buffer, if it is in this process. What was acknowledged stays so; a position
     * lower than that is kept from now on for as long as this attachment needs it.
     *
     * @param read by lane, the last position that needs no reading
     * @param handled by lane, the last position that is dealt with: what is between is on its way, and is kept
     * @throws BufferException if a position that needs no reading is not below {@link #end}: the folder was restored from an
     *     older copy, or is another one
     */
    void seek(LanePositions read, LanePositions handled);

    /** Says where reading begins, with nothing on its way. */
    default void seek(LanePositions handled) {
        seek(handled, handled);
    }

    /**
     * Reads on. Waits only if there is nothing to read; with {@link AckMode#DELIVERED} it does not wait any longer when
     * all that came is not for this consumer, so that publishers need not wait either.
     *
     * @param maxMessages the most messages to return, at least 1
     * @param maxBytes stop after the message with which the records returned, as they lie in the log, and 100 bytes for each
     *     of their user properties reach this many bytes
     * @param wait the longest wait for a message
     */
    ReadBatch read(int maxMessages, int maxBytes, Duration wait) throws InterruptedException;

    /**
     * Reads on and leaves the messages as they lie in the log, to be served to another machine: a batch says all that is
     * needed to check it there and to {@linkplain RecordDecoder decode} it. Waits only if there is nothing to read. An
     * attachment reads either messages or records.
     *
     * @param maxBytes the most bytes of records to return; one record is returned however large it is
     * @param wait the longest wait for a message
     * @return a batch that stays as it is until the next read
     */
    RecordBatch readRecords(int maxBytes, Duration wait) throws InterruptedException;

    /**
     * Runs an action each time there may be more to read than there was at the last read, or a read would throw, so that
     * one thread can wait for several buffers. Set once, before the first read. The action runs on threads of the buffer:
     * it must be cheap and must not block.
     */
    void onReadable(Runnable action);

    /**
     * Says up to where messages are dealt with, lane by lane, so that the buffer may drop them. Positions that go back
     * are ignored; lanes that are not this attachment's are ignored. Cheap: call it as often as there is something to
     * tell. Persisted within about a second.
     */
    void acknowledge(LanePositions handled);

    /**
     * The latest birth of an edge node or a device of Sparkplug B that was captured before a position, by whomever, also if
     * the log does not hold it any more: it says what the aliases stand for of metrics that come after it. A thread that
     * reads may ask; may wait for a disk or a network.
     *
     * @param before the position of a message that this attachment has read
     * @return empty if there was none, or it was forgotten since there are too many
     * @throws BufferException if the buffer cannot be asked now
     */
    Optional<StoredMessage> birth(String topic, long before);

    /** Detaches. The buffer goes on capturing for this consumer. Idempotent. */
    @Override
    void close();
}
