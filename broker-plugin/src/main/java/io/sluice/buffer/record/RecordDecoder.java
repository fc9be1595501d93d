package io.sluice.buffer.record;

import io.sluice.message.Message;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes messages of batches of records, as many at a time as are asked for. Checks no checksum: what came from
 * elsewhere is {@linkplain RecordBatch#requireIntact checked} before. Not thread-safe.
 */
public final class RecordDecoder {

    /** What a user property takes in memory besides its bytes, about. */
    private static final int BYTES_OF_PROPERTY = 100;

    private final TextCache<String> topics = new TextCache<>(text -> text);
    private final TextCache<String> names = new TextCache<>(text -> text);
    private RecordBatch batch = nothingBefore(0);
    private ByteBuffer records = batch.records();
    private boolean gapsTold;
    private int at;

    /** Where more batches come from: the next one, which is empty if there is none. */
    public interface Source<E extends Exception> {

        RecordBatch next() throws E;
    }

    private static RecordBatch nothingBefore(long frontier) {
        return new RecordBatch(ByteBuffer.allocate(0), 0, frontier, List.of());
    }

    /** Whether nothing is left of the batch taken last. */
    public boolean isDone() {
        return at == records.limit() && (gapsTold || batch.gaps().isEmpty());
    }

    /**
     * Takes the next batch over, which must stay as it is until it {@link #isDone is done}.
     *
     * @throws IllegalStateException if the one before is not done
     */
    public void take(RecordBatch next) {
        if (!isDone()) {
            throw new IllegalStateException("the batch before is not done");
        }
        batch = next;
        records = next.records();
        at = 0;
        gapsTold = false;
    }

    /**
     * The next messages of the batch taken last.
     *
     * @param maxMessages the most messages to return, at least 1
     * @param maxBytes stop after the message with which the records returned, as they lie in the log, and 100 bytes for each
     *     of their user properties reach this many bytes
     * @throws BufferException if the next message was written by a newer version of Sluice
     */
    public ReadBatch next(int maxMessages, int maxBytes) {
        return next(maxMessages, maxBytes, () -> nothingBefore(frontier()));
    }

    /**
     * The next messages of the batch taken last, and of as many more as it takes; limits are those of {@link #next(int, int)}.
     *
     * @param more asked only once the batch before is done
     */
    public <E extends Exception> ReadBatch next(int maxMessages, int maxBytes, Source<E> more) throws E {
        List<StoredMessage> messages = new ArrayList<>();
        List<Gap> gaps = new ArrayList<>();
        try {
            for (long bytes = 0; messages.size() < maxMessages && bytes < maxBytes; ) {
                if (!gapsTold) {
                    gaps.addAll(batch.gaps());
                    gapsTold = true;
                }
                if (at < records.limit()) {
                    StoredMessage message = message(records, at);
                    messages.add(message);
                    int size = RecordLayout.size(records, at);
                    bytes += size
                            + (long) BYTES_OF_PROPERTY
                                    * message.message()
                                            .properties()
                                            .userProperties()
                                            .size();
                    at += size;
                } else {
                    take(more.next());
                    if (isDone()) {
                        break;
                    }
                }
            }
        } catch (BufferException e) {
            // what was read before is not to be lost: the next read meets the failure again
            if (messages.isEmpty() && gaps.isEmpty()) {
                throw e;
            }
        }
        return new ReadBatch(messages, frontier(), gaps);
    }

    /** The message of a batch that holds one record. */
    public static StoredMessage only(RecordBatch one) {
        return new RecordDecoder().message(one.records(), 0);
    }

    /** Every position below is decoded. */
    private long frontier() {
        return at == records.limit() ? batch.frontier() : RecordLayout.position(records, at);
    }

    private StoredMessage message(ByteBuffer in, int from) {
        int clientAt = RecordLayout.clientAt(from);
        int clientBytes = RecordLayout.clientBytes(in, from);
        int userAt = clientAt + clientBytes;
        int userBytes = RecordLayout.userBytes(in, from);
        Optional<String> username =
                RecordLayout.hasUser(in, from) ? Optional.of(names.get(in, userAt, userBytes)) : Optional.empty();
        int certificateAt = RecordLayout.certificateNameAt(in, from);
        Optional<String> certificateName = certificateAt == 0
                ? Optional.empty()
                : Optional.of(names.get(in, certificateAt, RecordLayout.certificateNameBytes(in, from)));
        Message message = new Message(
                RecordLayout.kind(in, from),
                names.get(in, clientAt, clientBytes),
                username,
                certificateName,
                topics.get(in, userAt + userBytes, RecordLayout.topicBytes(in, from)),
                Qos.ofLevel(RecordLayout.qos(in, from)),
                RecordLayout.isRetained(in, from),
                RecordLayout.isDuplicate(in, from),
                RecordLayout.packetId(in, from),
                RecordLayout.receivedAt(in, from),
                RecordLayout.properties(in, from),
                RecordLayout.payload(in, from));
        return new StoredMessage(RecordLayout.position(in, from), RecordLayout.lane(in, from), message);
    }
}
