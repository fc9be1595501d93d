package io.sluice.remote;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.buffer.BufferStats;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.Run;
import io.sluice.remote.wire.DescribeRequest;
import io.sluice.remote.wire.Description;
import io.sluice.remote.wire.DrainGrpc;
import io.sluice.remote.wire.FindBirthRequest;
import io.sluice.remote.wire.FindBirthResponse;
import io.sluice.remote.wire.FromBroker;
import io.sluice.remote.wire.FromWorker;
import io.sluice.remote.wire.RecogniseRunRequest;
import io.sluice.remote.wire.RecogniseRunResponse;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** What workers may ask of a buffer. Thread-safe. */
final class DrainService extends DrainGrpc.DrainImplBase {

    private final SharedBuffer buffer;
    private final Executor readers;
    private final Refusals refusals;
    private final Set<DrainSession> sessions = ConcurrentHashMap.newKeySet();
    private final Set<DrainSession.Attaching> attaching = ConcurrentHashMap.newKeySet();
    private final LongAdder sentBytes = new LongAdder();

    /** @param readers runs what waits for messages; must not bound how many do */
    DrainService(SharedBuffer buffer, Executor readers, Refusals refusals) {
        this.buffer = buffer;
        this.readers = readers;
        this.refusals = refusals;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<Description> answer) {
        answer(answer, () -> {
            int version = refusals.agree(request.getVersions(), "A worker");
            BufferStats stats = buffer.stats();
            return Description.newBuilder()
                    .setVersion(version)
                    .setBufferId(buffer.id())
                    .setStart(stats.start())
                    .setEnd(stats.end())
                    .setBytes(stats.bytes())
                    .setMaxBytes(stats.maxBytes())
                    .build();
        });
    }

    @Override
    public void recogniseRun(RecogniseRunRequest request, StreamObserver<RecogniseRunResponse> answer) {
        answer(answer, () -> {
            refusals.requireLet(TokenCheck.admission(), request.getConsumer());
            Run run = Wire.run(request.getRun(), request.getOpening());
            Run.Standing standing = buffer.standing(request.getConsumer(), run.toString());
            return RecogniseRunResponse.newBuilder()
                    .setOwn(standing.own())
                    .setEnd(standing.end())
                    .build();
        });
    }

    @Override
    public void findBirth(FindBirthRequest request, StreamObserver<FindBirthResponse> answer) {
        answer(answer, () -> {
            refusals.requireLet(TokenCheck.admission(), request.getConsumer());
            FindBirthResponse.Builder found = FindBirthResponse.newBuilder();
            buffer.birth(request.getTopic(), request.getBefore())
                    .ifPresent(birth -> found.setBirth(Wire.batch(birth, 0, 0)));
            return found.build();
        });
    }

    private static <T> void answer(StreamObserver<T> to, Supplier<T> answer) {
        try {
            to.onNext(answer.get());
            to.onCompleted();
        } catch (RuntimeException | Error e) {
            to.onError(DrainSession.status(e).asRuntimeException());
        }
    }

    @Override
    public StreamObserver<FromWorker> attach(StreamObserver<FromBroker> out) {
        ServerCallStreamObserver<FromBroker> call = (ServerCallStreamObserver<FromBroker>) out;
        DrainSession session =
                new DrainSession(buffer, readers, refusals, attaching, sentBytes, sessions::remove, call);
        sessions.add(session);
        return session;
    }

    int attached() {
        return (int) sessions.stream().filter(DrainSession::isAttached).count();
    }

    long sentBytes() {
        return sentBytes.sum();
    }

    /** Ends all attachments; their workers will come back when somebody serves here again. */
    void stop() {
        sessions.forEach(session -> session.end(Status.UNAVAILABLE.withDescription("the broker stops")));
    }
}
