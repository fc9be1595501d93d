package io.sluice.buffer.log;

import io.sluice.message.Message;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Makes messages of batches of records, as many at a time as are asked for. Checks no checksum: what came from
 * elsewhere is {@linkplain RecordBatch#requireIntact checked} before. Not thread-safe.
 */
public final class RecordDecoder {

    private static final RecordBatch NOTHING = new RecordBatch(ByteBuffer.allocate(0), 0, 0, List.of());

    private final TextCache<String> topics = new TextCache<>(text -> text);
    private final TextCache<String> names = new TextCache<>(text -> text);
    private RecordBatch batch = NOTHING;
    private ByteBuffer records = batch.records();
    private boolean gapsTold;
    private int at;

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
     * @param maxBytes stop after the message with which the payloads returned reach this many bytes
     * @throws BufferException if the next message was written by a newer version of Sluice
     */
    public ReadBatch next(int maxMessages, int maxBytes) {
        MessageBatch to = new MessageBatch(maxMessages, maxBytes);
        try {
            drainTo(to);
        } catch (BufferException e) {
            if (to.isEmpty()) {
                throw e;
            }
        }
        return to.read(frontier());
    }

    /** The message of a batch that holds one record. */
    public static StoredMessage only(RecordBatch one) {
        RecordDecoder decoder = new RecordDecoder();
        decoder.take(one);
        return decoder.next(1, Integer.MAX_VALUE).messages().get(0);
    }

    void drainTo(MessageBatch to) {
        if (!gapsTold) {
            to.add(batch.gaps());
            gapsTold = true;
        }
        ByteBuffer in = records;
        int end = in.limit();
        while (at < end && !to.isFull()) {
            to.add(new StoredMessage(RecordLayout.position(in, at), RecordLayout.lane(in, at), message(in, at)));
            at += RecordLayout.size(in, at);
        }
    }

    /** Every position below is decoded. */
    long frontier() {
        return at == records.limit() ? batch.frontier() : RecordLayout.position(records, at);
    }

    private Message message(ByteBuffer in, int from) {
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
        return new Message(
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
    }
}
