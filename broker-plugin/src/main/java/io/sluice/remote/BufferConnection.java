package io.sluice.remote;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.consumer.Run;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.remote.wire.Acknowledge;
import io.sluice.remote.wire.Attach;
import io.sluice.remote.wire.Attached;
import io.sluice.remote.wire.Batch;
import io.sluice.remote.wire.DescribeRequest;
import io.sluice.remote.wire.Description;
import io.sluice.remote.wire.DrainGrpc;
import io.sluice.remote.wire.FindBirthRequest;
import io.sluice.remote.wire.FindBirthResponse;
import io.sluice.remote.wire.FromBroker;
import io.sluice.remote.wire.FromWorker;
import io.sluice.remote.wire.OffsetsStored;
import io.sluice.remote.wire.RecogniseRunRequest;
import io.sluice.remote.wire.RecogniseRunResponse;
import io.sluice.remote.wire.Seek;
import io.sluice.remote.wire.Take;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a buffer, from its attachment until it is lost. Sends without blocking; of acknowledgements that the
 * connection does not take yet, the newest replaces the others. Thread-safe.
 */
final class BufferConnection implements ClientResponseObserver<FromWorker, FromBroker> {

    private static final long ATTACH_SECONDS = 15;
    private static final long ASK_SECONDS = 10;
    private static final long FAREWELL_SECONDS = 2;

    /** Hears of what comes, on a thread of the network, which it must not hold up. */
    interface Listener {
        /** @throws BufferException if the broker may not send it; then the connection ends */
        void received(BufferConnection from, Batch batch);

        void doubtKept(int number);

        void lost(BufferConnection from, BufferException why);
    }

    private final Dialer dialer;
    private final Listener listener;
    private final ManagedChannel channel;
    private final CompletableFuture<Attached> attached = new CompletableFuture<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private @Nullable ClientCallStreamObserver<FromWorker> call;
    private @Nullable LanePositions untold;
    private boolean ended;
    private boolean used;
    private @Nullable BufferException end;

    private BufferConnection(Dialer dialer, Listener listener) {
        this.dialer = dialer;
        this.listener = listener;
        this.channel = dialer.dial();
    }

    /** @throws BufferException if it cannot attach */
    static BufferConnection open(Dialer dialer, Attach attach, Listener listener) throws InterruptedException {
        BufferConnection connection = new BufferConnection(dialer, listener);
        try {
            ClientCalls.asyncBidiStreamingCall(
                    connection.channel.newCall(BatchMarshaller.attach(), CallOptions.DEFAULT), connection);
            connection.send(FromWorker.newBuilder().setAttach(attach));
            connection.attached.get(ATTACH_SECONDS, TimeUnit.SECONDS);
            return connection;
        } catch (ExecutionException | TimeoutException e) {
            connection.channel.shutdownNow();
            if (e instanceof TimeoutException) {
                throw new BufferUnreachableException(
                        dialer.endpoint() + " has not answered for " + ATTACH_SECONDS + " s", e);
            }
            throw e.getCause() instanceof BufferException known
                    ? known
                    : new BufferException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException | RuntimeException | Error e) {
            connection.channel.shutdownNow();
            throw e;
        }
    }

    /** Asks for the id of the buffer at the other end, over a connection for this alone. */
    static CompletableFuture<String> id(Dialer dialer, Duration atMost) {
        ManagedChannel channel = dialer.dial();
        CompletableFuture<String> id = new CompletableFuture<>();
        DrainGrpc.newStub(channel)
                .withDeadlineAfter(atMost.toMillis(), TimeUnit.MILLISECONDS)
                .describe(
                        DescribeRequest.newBuilder()
                                .setVersions(Wire.versions())
                                .build(),
                        new StreamObserver<Description>() {
                            @Override
                            public void onNext(Description answer) {
                                id.complete(answer.getBufferId());
                            }

                            @Override
                            public void onError(Throwable cause) {
                                id.completeExceptionally(dialer.failure(Status.fromThrowable(cause)));
                            }

                            @Override
                            public void onCompleted() {
                                onError(Status.UNAVAILABLE
                                        .withDescription("there was no answer")
                                        .asRuntimeException());
                            }
                        });
        // If the thread of the network that minds the deadline has failed, another one does.
        return id.orTimeout(2 * atMost.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((answer, failure) -> channel.shutdownNow());
    }

    Attached attached() {
        return attached.join();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FromWorker> started) {
        started.setOnReadyHandler(this::tell);
        synchronized (this) {
            call = started;
        }
    }

    @Override
    public void onNext(FromBroker message) {
        switch (message.getMessageCase()) {
            case ATTACHED -> attached.complete(message.getAttached());
            case BATCH -> received(message.getBatch());
            case DOUBT_KEPT -> listener.doubtKept(message.getDoubtKept().getNumber());
            case MESSAGE_NOT_SET -> {
                // Of a newer broker, which does without an answer.
            }
        }
    }

    private void received(Batch batch) {
        try {
            listener.received(this, batch);
        } catch (BufferException e) {
            over(Status.FAILED_PRECONDITION.withDescription(e.getMessage()));
        }
    }

    @Override
    public void onError(Throwable cause) {
        over(Status.fromThrowable(cause));
    }

    @Override
    public void onCompleted() {
        over(Status.UNAVAILABLE.withDescription("the broker has ended the attachment"));
    }

    private void over(Status status) {
        synchronized (this) {
            ended = true;
        }
        over.countDown();
        channel.shutdownNow();
        BufferException why = dialer.failure(status);
        if (!attached.completeExceptionally(why)) {
            boolean heard;
            synchronized (this) {
                end = why;
                heard = used;
            }
            if (heard) {
                listener.lost(this, why);
            }
        }
    }

    /** Says that the listener knows this connection; from now on it hears of its end, also if that has come already. */
    void use() {
        BufferException already;
        synchronized (this) {
            used = true;
            already = end;
        }
        if (already != null) {
            listener.lost(this, already);
        }
    }

    private synchronized void send(FromWorker.Builder message) {
        if (call != null && !ended) {
            call.onNext(message.build());
        }
    }

    void seek(LanePositions read, LanePositions handled) {
        send(FromWorker.newBuilder()
                .setSeek(Seek.newBuilder().addAllHandled(Wire.positions(read)).addAllSettled(Wire.positions(handled))));
    }

    /** Lets so many more batches come. */
    void take(int batches) {
        if (batches > 0) {
            send(FromWorker.newBuilder().setTake(Take.newBuilder().setBatches(batches)));
        }
    }

    void offsetsStored(Lanes lanes) {
        send(FromWorker.newBuilder().setOffsetsStored(OffsetsStored.newBuilder().setLanes(lanes.mask())));
    }

    /** @param number what the broker answers with */
    void doubt(Doubt doubt, int number) {
        send(FromWorker.newBuilder().setDoubt(Wire.doubt(doubt, number)));
    }

    /** Tells what is dealt with, at once or as soon as the connection takes it. */
    synchronized void acknowledge(LanePositions handled) {
        untold = handled;
        tell();
    }

    private synchronized void tell() {
        if (call != null && call.isReady()) {
            tellNow();
        }
    }

    private synchronized void tellNow() {
        LanePositions newest = untold;
        if (newest != null) {
            untold = null;
            send(FromWorker.newBuilder()
                    .setAcknowledge(Acknowledge.newBuilder().addAllHandled(Wire.positions(newest))));
        }
    }

    /** @throws BufferException if there is no answer */
    Run.Standing standing(String consumer, Run run) {
        RecogniseRunRequest question = RecogniseRunRequest.newBuilder()
                .setConsumer(consumer)
                .setRun(run.attachment())
                .setOpening(run.opening().orElse(0))
                .build();
        RecogniseRunResponse answer = ask(broker -> broker.recogniseRun(question));
        return new Run.Standing(answer.getOwn(), answer.hasEnd() ? answer.getEnd() : Long.MAX_VALUE);
    }

    /** @throws BufferException if there is no answer */
    FindBirthResponse birth(String consumer, String topic, long before) {
        FindBirthRequest question = FindBirthRequest.newBuilder()
                .setConsumer(consumer)
                .setTopic(topic)
                .setBefore(before)
                .build();
        return ask(broker -> broker.findBirth(question));
    }

    private <T> T ask(Function<DrainGrpc.DrainBlockingStub, T> question) {
        try {
            return question.apply(DrainGrpc.newBlockingStub(channel).withDeadlineAfter(ASK_SECONDS, TimeUnit.SECONDS));
        } catch (StatusRuntimeException e) {
            throw dialer.failure(e.getStatus());
        }
    }

    /** Tells what is still to be told, and detaches; waits two seconds at most for the broker to have heard it. */
    void close() {
        synchronized (this) {
            tellNow();
            if (call != null && !ended) {
                call.onCompleted();
            }
            ended = true;
        }
        try {
            over.await(FAREWELL_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channel.shutdownNow();
    }
}
