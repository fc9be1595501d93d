package io.sluice.remote;

import static io.sluice.remote.Served.PATIENCE;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.record.LanePositions;
import io.sluice.remote.wire.DrainGrpc;
import io.sluice.remote.wire.FromBroker;
import io.sluice.remote.wire.FromWorker;
import io.sluice.remote.wire.Seek;
import io.sluice.remote.wire.Take;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a broker does for workers that are none of Sluice's, or none of today's. */
class DrainSessionTest {

    private static final FromWorker ATTACH = FromWorker.newBuilder()
            .setAttach(Wire.attach(TestMessages.spec("c")))
            .build();
    private static final FromWorker SEEK = FromWorker.newBuilder()
            .setSeek(Seek.newBuilder().addAllHandled(Wire.positions(LanePositions.all(-1))))
            .build();

    @TempDir
    private Path folder;

    private Served broker;
    private ManagedChannel channel;
    private Worker worker;
    private StreamObserver<FromWorker> call;

    @BeforeEach
    void attach() {
        broker = new Served(folder);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", broker.endpoint().port())
                .usePlaintext()
                .build();
        worker = new Worker();
        call = DrainGrpc.newStub(channel).attach(worker);
        call.onNext(ATTACH);
        worker.letCome(1);
        await().atMost(PATIENCE).until(() -> worker.came.get() == 1);
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        broker.close();
    }

    @Test
    void a_worker_may_ask_for_batches_before_it_says_where_reading_begins() {
        TestMessages.append(broker.buffer(), TestMessages.message("m")).awaitSafe();
        worker.letCome(1);
        call.onNext(take(1));
        call.onNext(SEEK);
        await().atMost(PATIENCE).until(() -> worker.came.get() == 2);
    }

    @Test
    void what_a_worker_asks_for_and_does_not_read_stays_in_the_log() {
        TestMessages.appendAll(
                broker.buffer(), Collections.nCopies(64, TestMessages.message("device", "t", new byte[1 << 20])));
        call.onNext(SEEK);
        call.onNext(take(-1));
        await().atMost(PATIENCE)
                .during(Duration.ofSeconds(1))
                .until(() -> broker.server().stats().sentBytes(), sent -> sent > 0 && sent < 8 << 20);
    }

    /** @param batches an unsigned number */
    private static FromWorker take(int batches) {
        return FromWorker.newBuilder()
                .setTake(Take.newBuilder().setBatches(batches))
                .build();
    }

    /** A worker that reads no more messages than it is told to. */
    private static final class Worker implements ClientResponseObserver<FromWorker, FromBroker> {

        private final AtomicInteger came = new AtomicInteger();
        private @Nullable ClientCallStreamObserver<FromWorker> call;

        void letCome(int messages) {
            Objects.requireNonNull(call).request(messages);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FromWorker> started) {
            call = started;
            started.disableAutoRequestWithInitial(0);
        }

        @Override
        public void onNext(FromBroker message) {
            came.incrementAndGet();
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
    }
}
