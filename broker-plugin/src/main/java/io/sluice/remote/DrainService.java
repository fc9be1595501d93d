package io.sluice.remote;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.buffer.BufferClosedException;
import io.sluice.buffer.BufferStats;
import io.sluice.buffer.FencedException;
import io.sluice.buffer.Run;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.log.BufferException;
import io.sluice.remote.DrainStats.Refusal;
import io.sluice.remote.wire.DescribeRequest;
import io.sluice.remote.wire.Description;
import io.sluice.remote.wire.DrainGrpc;
import io.sluice.remote.wire.FindBirthRequest;
import io.sluice.remote.wire.FindBirthResponse;
import io.sluice.remote.wire.FromBroker;
import io.sluice.remote.wire.FromWorker;
import io.sluice.remote.wire.RecogniseRunRequest;
import io.sluice.remote.wire.RecogniseRunResponse;
import io.sluice.remote.wire.Versions;
import io.sluice.tls.Tokens;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What workers may ask of a buffer. Thread-safe. */
final class DrainService extends DrainGrpc.DrainImplBase {

    private static final Logger LOG = LoggerFactory.getLogger(DrainService.class);

    private final SharedBuffer buffer;
    private final Executor readers;
    private final Refusals refusals;
    private final Set<DrainSession> sessions = ConcurrentHashMap.newKeySet();
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
            int version = agree(request.getVersions(), "A worker");
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
            requireLet(TokenCheck.admission(), request.getConsumer());
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
            requireLet(TokenCheck.admission(), request.getConsumer());
            FindBirthResponse.Builder found = FindBirthResponse.newBuilder();
            buffer.birth(request.getTopic(), request.getBefore())
                    .ifPresent(birth -> found.setBirth(Wire.batch(birth, 0, 0, new ReusedArray())));
            return found.build();
        });
    }

    private static <T> void answer(StreamObserver<T> to, Supplier<T> answer) {
        try {
            to.onNext(answer.get());
            to.onCompleted();
        } catch (RuntimeException | Error e) {
            to.onError(status(e).asRuntimeException());
        }
    }

    @Override
    public StreamObserver<FromWorker> attach(StreamObserver<FromBroker> out) {
        DrainSession session = new DrainSession(this, buffer, readers, (ServerCallStreamObserver<FromBroker>) out);
        sessions.add(session);
        return session;
    }

    /** The version of the protocol that is spoken with a worker, who is counted if there is none. */
    int agree(Versions versions, String who) {
        try {
            return Protocol.agree(versions);
        } catch (StatusRuntimeException e) {
            refusals.refused(Refusal.VERSION, who, String.valueOf(e.getStatus().getDescription()));
            throw e;
        }
    }

    /** Refuses a connector whom the token that was shown does not let in. */
    void requireLet(Optional<Tokens.Admission> admission, String connector) {
        if (admission.isPresent() && !admission.get().lets(connector)) {
            String why = "it shows a token that lets another connector in";
            refusals.refused(Refusal.TOKEN, "A task of connector '" + connector + "'", why);
            throw Status.PERMISSION_DENIED.withDescription(why).asRuntimeException();
        }
    }

    void sent(int bytes) {
        sentBytes.add(bytes);
    }

    void ended(DrainSession session) {
        sessions.remove(session);
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
        return Status.INTERNAL.withDescription("the broker has failed, and says in its log why");
    }
}
