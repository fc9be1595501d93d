package io.sluice.remote;

import static io.sluice.remote.Served.PATIENCE;
import static io.sluice.remote.Served.read;
import static io.sluice.remote.Served.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.sluice.FailingLog;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Run;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.file.FaultyFolder;
import io.sluice.message.Message;
import io.sluice.message.TopicFilter;
import io.sluice.remote.wire.Attach;
import io.sluice.remote.wire.Attached;
import io.sluice.remote.wire.DrainGrpc;
import io.sluice.remote.wire.FromBroker;
import io.sluice.remote.wire.FromWorker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Brokers, networks and disks that fail while a worker drains. */
class RemoteOutageTest extends WithServedBuffer {

    @Test
    void it_rides_out_a_broker_that_starts_again() throws Exception {
        try (RemoteAttachment remote = broker.reader("c")) {
            String run = remote.run();
            List<StoredMessage> messages = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                broker.append(round * 1000, round * 1000 + 1000);
                messages.addAll(read(remote, 600));
                remote.acknowledge(
                        LanePositions.all(messages.get(messages.size() - 1).position()));
                broker.stop();
                await().atMost(PATIENCE).until(() -> !remote.connection().connected());
                remote.acknowledge(
                        LanePositions.all(messages.get(messages.size() - 1).position() + 1));
                assertThat(remote.connection().lastError()).isPresent();
                broker.startAgain();
                await().atMost(PATIENCE).until(() -> remote.connection().connected());
            }
            messages.addAll(read(remote, 1200));
            broker.append(3000, 3001);
            messages.addAll(read(remote, 1));

            assertThat(texts(messages))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 3001).mapToObj(i -> "m" + i).toList());
            assertThat(Run.of(remote.run()).attachment()).isEqualTo(Run.of(run).attachment());
            assertThat(broker.buffer().standing("c", run).end()).isBetween(1L, 3000L);
            assertThat(broker.buffer().standing("c", remote.run()).end()).isEqualTo(Long.MAX_VALUE);
            assertThat(remote.connection().losses()).isEqualTo(3);
        }
        try (Attachment local = broker.buffer().attach(TestMessages.spec("c"))) {
            assertThat(local.acknowledged()).isEqualTo(LanePositions.all(1800));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"is lost", "is back after"})
    void a_log_that_throws_does_not_keep_a_worker_from_reconnecting(String line) throws Exception {
        FailingLog log = FailingLog.at(Link.class.getName(), line);
        try (RemoteAttachment remote = broker.reader("c")) {
            broker.append(0, 10);
            assertThat(read(remote, 10)).hasSize(10);
            broker.stop();
            await().atMost(PATIENCE).until(() -> !remote.connection().connected());
            broker.startAgain();
            await().atMost(PATIENCE).until(() -> remote.connection().connected());
            broker.append(10, 20);
            assertThat(read(remote, 10)).hasSize(10);
        } finally {
            log.close();
        }
    }

    @Test
    void reads_return_nothing_while_the_broker_is_away() throws Exception {
        try (RemoteAttachment remote = broker.reader("c")) {
            broker.stop();
            ReadBatch nothing = remote.read(1, 1, Duration.ofMillis(50));
            assertThat(nothing.messages()).isEmpty();
            assertThat(nothing.frontier()).isZero();
            broker.startAgain();
        }
    }

    @Test
    void an_endpoint_where_nobody_answers_is_told_apart_from_mistakes() {
        BufferEndpoint nobody = broker.endpoint();
        broker.stop();
        assertThatThrownBy(() -> RemoteAttachment.attach(nobody, BufferCredentials.NONE, TestMessages.spec("c")))
                .isInstanceOf(BufferUnreachableException.class)
                .hasMessageContaining(nobody.toString())
                .hasMessageContaining("refused");
        broker.startAgain();
    }

    @Test
    void an_endpoint_that_ends_a_question_without_an_answer_keeps_nobody_waiting() throws Exception {
        Server silent = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ServerServiceDefinition.builder(DrainGrpc.SERVICE_NAME)
                        .addMethod(
                                DrainGrpc.getDescribeMethod().toBuilder()
                                        .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
                                        .build(),
                                ServerCalls.asyncServerStreamingCall((question, out) -> out.onCompleted()))
                        .build())
                .build()
                .start();
        try {
            BufferEndpoint endpoint = BufferEndpoint.of("tcp://127.0.0.1:" + silent.getPort());
            CompletableFuture<String> id = RemoteAttachment.idAt(
                            endpoint, BufferCredentials.NONE, Duration.ofMinutes(1))
                    .get();
            assertThatThrownBy(() -> id.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(BufferUnreachableException.class);
        } finally {
            silent.shutdownNow();
        }
    }

    @Test
    void a_broker_that_ends_each_attachment_at_once_is_asked_less_and_less_often() throws Exception {
        AtomicInteger attached = new AtomicInteger();
        Server failing = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new DrainGrpc.DrainImplBase() {
                    @Override
                    public StreamObserver<FromWorker> attach(StreamObserver<FromBroker> out) {
                        return new StreamObserver<>() {
                            @Override
                            public void onNext(FromWorker message) {
                                if (message.hasAttach()) {
                                    attached.incrementAndGet();
                                    out.onNext(FromBroker.newBuilder()
                                            .setAttached(Attached.newBuilder()
                                                    .addAllAcknowledged(Collections.nCopies(Lanes.COUNT, -1L)))
                                            .build());
                                } else if (message.hasSeek()) {
                                    out.onError(Status.INTERNAL.asRuntimeException());
                                }
                            }

                            @Override
                            public void onError(Throwable cause) {}

                            @Override
                            public void onCompleted() {}
                        };
                    }
                })
                .build()
                .start();
        try (RemoteAttachment remote = RemoteAttachment.attach(
                BufferEndpoint.of("tcp://127.0.0.1:" + failing.getPort()),
                BufferCredentials.NONE,
                TestMessages.spec("c"))) {
            remote.seek(remote.acknowledged());
            await().atMost(PATIENCE).until(() -> attached.get() > 2);
            await().during(Duration.ofSeconds(3)).until(() -> attached.get() < 12);
        } finally {
            failing.shutdownNow();
        }
    }

    @Test
    void a_name_that_only_containers_have_is_looked_up_and_told_apart_from_mistakes_too() {
        BufferEndpoint nobody = BufferEndpoint.of("tcp://sluice_broker_1.invalid:8884");
        assertThatThrownBy(() -> RemoteAttachment.attach(nobody, BufferCredentials.NONE, TestMessages.spec("c")))
                .isInstanceOf(BufferUnreachableException.class)
                .hasMessageContaining(nobody.toString())
                .hasMessageContaining("unknown");
    }

    @Test
    void it_rides_out_a_network_that_is_cut() throws Exception {
        try (Proxy proxy = new Proxy(broker.endpoint());
                RemoteAttachment remote =
                        RemoteAttachment.attach(proxy.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"))) {
            remote.seek(remote.acknowledged());
            List<StoredMessage> messages = new ArrayList<>();
            CompletableFuture<Void> appended = CompletableFuture.runAsync(() -> broker.append(0, 50_000));
            for (int cut = 0; cut < 5; cut++) {
                messages.addAll(read(remote, 5_000));
                proxy.cut();
                proxy.mend();
            }
            messages.addAll(read(remote, 25_000));
            appended.join();

            assertThat(texts(messages))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 50_000).mapToObj(i -> "m" + i).toList());
        }
    }

    @Test
    void what_a_worker_has_and_not_acknowledged_is_kept_when_its_connection_is_back() throws Exception {
        try (Proxy proxy = new Proxy(broker.endpoint());
                RemoteAttachment remote =
                        RemoteAttachment.attach(proxy.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"))) {
            remote.seek(remote.acknowledged());
            TestMessages.appendAll(
                    broker.buffer(), Collections.nCopies(16, TestMessages.message("d", "t", new byte[1 << 20])));
            assertThat(read(remote, 16)).hasSize(16);
            remote.acknowledge(LanePositions.all(0));
            proxy.cut();
            proxy.mend();
            broker.append(0, 1);
            assertThat(read(remote, 1)).hasSize(1);
            await().during(Duration.ofMillis(2_500))
                    .atMost(PATIENCE)
                    .until(() -> broker.buffer().stats().start() == 0);

            remote.acknowledge(LanePositions.all(15));
            await().atMost(PATIENCE).until(() -> broker.buffer().stats().start() > 0);
        }
    }

    @Test
    void a_publisher_who_waits_for_delivery_is_not_told_because_a_connection_is_back() throws Exception {
        AttachRequest delivered = new AttachRequest("c", List.of(TopicFilter.of("#")), AckMode.DELIVERED, Lanes.ALL);
        try (Proxy proxy = new Proxy(broker.endpoint());
                RemoteAttachment remote =
                        RemoteAttachment.attach(proxy.endpoint(), BufferCredentials.NONE, delivered)) {
            remote.seek(remote.acknowledged());
            TestMessages.Outcome first = TestMessages.append(broker.buffer(), TestMessages.message("m"));
            assertThat(read(remote, 1)).hasSize(1);
            proxy.cut();
            proxy.mend();
            TestMessages.Outcome second = TestMessages.append(broker.buffer(), TestMessages.message("n"));
            assertThat(read(remote, 1)).hasSize(1);
            await().during(Duration.ofMillis(300)).until(() -> !first.isKnown() && !second.isKnown());

            proxy.cut();
            await().atMost(PATIENCE).until(() -> !remote.connection().connected());
            remote.acknowledge(LanePositions.all(1));
            proxy.mend();
            first.awaitSafe();
            second.awaitSafe();
        }
    }

    @Test
    void a_worker_that_is_behind_notices_at_once_that_the_connection_is_lost() throws Exception {
        try (RemoteAttachment slow = broker.reader("c")) {
            for (Message message : TestMessages.numbered(500)) {
                TestMessages.append(broker.buffer(), message).awaitSafe();
            }
            broker.stop();
            await().atMost(PATIENCE).until(() -> !slow.connection().connected());
            broker.startAgain();
            assertThat(read(slow, 500)).hasSize(500);
        }
    }

    @Test
    void a_moment_without_memory_at_the_broker_is_a_lost_connection_that_comes_back() throws Exception {
        FaultyFolder storage = new FaultyFolder();
        AtomicBoolean armed = new AtomicBoolean();
        storage.failReadsFrom(name -> {
            if (name.endsWith(".log") && armed.getAndSet(false)) {
                throw new OutOfMemoryError("in this test");
            }
            return false;
        });
        BufferConfig config =
                new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 4096, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = TestMessages.open(config, storage);
                DrainServer server = DrainServer.start(buffer, Served.ON_LOOPBACK);
                RemoteAttachment remote =
                        RemoteAttachment.attach(server.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"))) {
            armed.set(true);
            TestMessages.append(buffer, TestMessages.message("m")).awaitSafe();
            remote.seek(remote.acknowledged());
            assertThat(texts(read(remote, 1))).containsExactly("m");
            assertThat(armed).isFalse();
            assertThat(remote.connection().losses()).isEqualTo(1);
        }
    }

    @Test
    void an_error_at_the_broker_that_its_log_does_not_take_is_a_lost_connection_that_comes_back() throws Exception {
        FaultyFolder storage = new FaultyFolder();
        AtomicBoolean armed = new AtomicBoolean();
        storage.failReadsFrom(name -> {
            if (name.endsWith(".log") && armed.getAndSet(false)) {
                throw new OutOfMemoryError("in this test");
            }
            return false;
        });
        BufferConfig config =
                new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 4096, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = TestMessages.open(config, storage);
                DrainServer server = DrainServer.start(buffer, Served.ON_LOOPBACK);
                RemoteAttachment remote =
                        RemoteAttachment.attach(server.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"));
                FailingLog log = FailingLog.at(DrainSession.class.getName(), "cannot be served")) {
            armed.set(true);
            TestMessages.append(buffer, TestMessages.message("m")).awaitSafe();
            remote.seek(remote.acknowledged());
            assertThat(texts(read(remote, 1))).containsExactly("m");
            assertThat(remote.connection().losses()).isEqualTo(1);
            assertThat(log).isNotNull();
        }
    }

    @Test
    void a_broker_that_sends_what_nobody_asked_for_ends_the_attachment_with_its_reason() throws Exception {
        Server server = NettyServerBuilder.forPort(0)
                .addService(new DrainGrpc.DrainImplBase() {
                    @Override
                    public StreamObserver<FromWorker> attach(StreamObserver<FromBroker> out) {
                        return new Flood(out);
                    }
                })
                .build()
                .start();
        BufferEndpoint endpoint = new BufferEndpoint(false, "127.0.0.1", server.getPort());
        try (RemoteAttachment remote =
                RemoteAttachment.attach(endpoint, BufferCredentials.NONE, TestMessages.spec("c"))) {
            remote.seek(LanePositions.all(-1));
            assertThatThrownBy(() -> readUntilItFails(remote))
                    .isInstanceOf(BufferException.class)
                    .isNotInstanceOf(BufferUnreachableException.class)
                    .hasMessage(endpoint + ": the broker sends more batches than it was asked for");
        } finally {
            server.shutdownNow();
        }
    }

    /** Answers a worker that asks for batches with more than those. */
    private record Flood(StreamObserver<FromBroker> out) implements StreamObserver<FromWorker> {

        @Override
        public void onNext(FromWorker message) {
            if (message.hasAttach()) {
                Attached.Builder attached = Attached.newBuilder()
                        .setVersion(1)
                        .setBufferId("b")
                        .setRun("r")
                        .setOpening(1)
                        .addAllAcknowledged(Wire.positions(LanePositions.all(-1)));
                out.onNext(FromBroker.newBuilder().setAttached(attached).build());
            } else if (message.hasTake()) {
                for (int i = 0; i < message.getTake().getBatches() + 100; i++) {
                    out.onNext(FromBroker.newBuilder()
                            .setBatch(io.sluice.remote.wire.Batch.newBuilder().setLayout(1))
                            .build());
                }
            }
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
    }

    @Test
    void a_disk_of_the_broker_that_can_no_longer_be_read_fails_the_task_with_its_reason() throws Exception {
        FaultyFolder storage = new FaultyFolder();
        BufferConfig config =
                new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 4096, Duration.ZERO, Duration.ofDays(7));
        try (SharedBuffer buffer = TestMessages.open(config, storage);
                DrainServer server = DrainServer.start(buffer, Served.ON_LOOPBACK);
                RemoteAttachment remote =
                        RemoteAttachment.attach(server.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"))) {
            TestMessages.append(buffer, TestMessages.message("m")).awaitSafe();
            storage.failReadsFrom(name -> name.endsWith(".log"));
            remote.seek(remote.acknowledged());
            assertThatThrownBy(() -> readUntilItFails(remote))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining(server.endpoint().toString())
                    .hasMessageContaining("cannot be read at position 0");
        }
    }

    @Test
    void a_moment_without_memory_at_the_worker_does_not_end_its_attempts_to_reconnect() throws Exception {
        CompletableFuture<BufferConnection> back = new CompletableFuture<>();
        AtomicBoolean armed = new AtomicBoolean(true);
        Dialer dialer = new Dialer(broker.endpoint(), BufferCredentials.NONE);
        Attach attach = Wire.attach(TestMessages.spec("c")).build();
        Link link = new Link(dialer, "c", this, new Link.Owner() {
            @Override
            public void received(io.sluice.remote.wire.Batch batch) {}

            @Override
            public void doubtKept(int number) {}

            @Override
            public Attach attachAgain() {
                return attach;
            }

            @Override
            public void back(BufferConnection again) {
                if (armed.getAndSet(false)) {
                    throw new OutOfMemoryError("in this test");
                }
                back.complete(again);
            }

            @Override
            public void failed() {
                back.completeExceptionally(new AssertionError("given up"));
            }
        });
        BufferConnection first = link.open(attach);
        link.lost(first, new BufferUnreachableException("lost in this test"));
        back.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        first.close();
        await().atMost(PATIENCE).until(() -> broker.server().stats().attached() == 1);
        link.close();
    }
}
