package io.sluice.remote;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.consumer.Run;
import io.sluice.buffer.record.Gap;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.message.TopicFilter;
import io.sluice.remote.wire.Attach;
import io.sluice.remote.wire.Attached;
import io.sluice.remote.wire.Batch;
import io.sluice.remote.wire.Versions;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/** What passes between worker and broker, and what it stands for. */
final class Wire {

    /** The versions of the protocol in {@code drain.proto} that this Sluice speaks, as worker and as broker. */
    static final int OLDEST = 1;

    static final int NEWEST = 1;

    private Wire() {}

    static Versions versions() {
        return Versions.newBuilder().setOldest(OLDEST).setNewest(NEWEST).build();
    }

    static Attach.Builder attach(AttachRequest spec) {
        return Attach.newBuilder()
                .setVersions(versions())
                .setConsumer(spec.name())
                .setAckMode(
                        switch (spec.ackMode()) {
                            case RECEIVED -> io.sluice.remote.wire.AckMode.RECEIVED;
                            case BUFFERED -> io.sluice.remote.wire.AckMode.BUFFERED;
                            case DELIVERED -> io.sluice.remote.wire.AckMode.DELIVERED;
                        })
                .addAllFilters(
                        spec.filters().stream().map(TopicFilter::toString).toList())
                .setLanes(spec.lanes().mask());
    }

    /** @throws IllegalArgumentException with one sentence that says what is wrong */
    static AttachRequest spec(Attach attach) {
        return new AttachRequest(
                attach.getConsumer(),
                attach.getFiltersList().stream().map(TopicFilter::of).toList(),
                switch (attach.getAckMode()) {
                    case RECEIVED -> AckMode.RECEIVED;
                    case BUFFERED -> AckMode.BUFFERED;
                    case DELIVERED -> AckMode.DELIVERED;
                    case ACK_MODE_UNSPECIFIED, UNRECOGNIZED ->
                        throw new IllegalArgumentException("the worker names no ack.mode that this broker knows");
                },
                new Lanes(attach.getLanes()));
    }

    static Attached attached(Attachment consumer, boolean inMemory, int version) {
        Run run = Run.of(consumer.run());
        return Attached.newBuilder()
                .setVersion(version)
                .setBufferId(consumer.bufferId())
                .setRun(run.attachment())
                .setOpening(run.opening().orElse(0))
                .setStart(consumer.start())
                .setEnd(consumer.end())
                .addAllAcknowledged(positions(consumer.acknowledged()))
                .setLanesWithStoredOffsets(consumer.lanesWithStoredOffsets().mask())
                .setInMemory(inMemory)
                .setDoubt(doubt(consumer.doubt(), 0))
                .setKeepsDoubtByLane(true)
                .build();
    }

    static io.sluice.remote.wire.Doubt doubt(Doubt doubt, int number) {
        return io.sluice.remote.wire.Doubt.newBuilder()
                .setUntil(doubt.until())
                .setPosition(doubt.position())
                .setPart(doubt.part())
                .setScore(doubt.score())
                .setRefused(doubt.refused().mask())
                .setNumber(number)
                .build();
    }

    static Doubt doubt(io.sluice.remote.wire.Doubt wire) {
        return new Doubt(
                wire.getUntil(), wire.getPosition(), wire.getPart(), wire.getScore(), new Lanes(wire.getRefused()));
    }

    /** @param opening 0 in a mark that no buffer gave */
    static Run run(String attachment, long opening) {
        return new Run(attachment, opening == 0 ? OptionalLong.empty() : OptionalLong.of(opening));
    }

    static List<Long> positions(LanePositions positions) {
        return Lanes.ALL.stream().mapToObj(positions::at).toList();
    }

    /** @throws IllegalArgumentException if there is not one for each lane */
    static LanePositions positions(List<Long> byLane) {
        if (byLane.size() != Lanes.COUNT) {
            throw new IllegalArgumentException(
                    "there are positions of " + byLane.size() + " lanes where " + Lanes.COUNT + " should be");
        }
        return LanePositions.of(byLane::get);
    }

    /** A batch for the wire, which must be sent before the records that it is made of change. */
    static Batch batch(RecordBatch batch, long start, long end) {
        Batch.Builder wire = Batch.newBuilder()
                .setLayout(batch.layout())
                .setRecords(UnsafeByteOperations.unsafeWrap(batch.records()))
                .setSalt(batch.salt())
                .setFrontier(batch.frontier())
                .setStart(start)
                .setEnd(end);
        for (Gap gap : batch.gaps()) {
            wire.addGaps(io.sluice.remote.wire.Gap.newBuilder()
                    .setFrom(gap.from())
                    .setTo(gap.to())
                    .setCause(gap.cause()));
        }
        return wire.build();
    }

    /**
     * A batch from the wire, not checked yet.
     *
     * @param into what its records are copied into: it stays as it is until that is used again
     */
    static RecordBatch batch(Batch wire, ReusedArray into) {
        ByteString sent = wire.getRecords();
        byte[] records = into.of(sent.size());
        sent.copyTo(records, 0);
        return new RecordBatch(
                wire.getLayout(),
                ByteBuffer.wrap(records, 0, sent.size()),
                wire.getSalt(),
                wire.getFrontier(),
                wire.getGapsList().stream()
                        .map(gap -> new Gap(gap.getFrom(), gap.getTo(), gap.getCause()))
                        .toList());
    }
}
