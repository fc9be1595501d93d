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
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.sluice.buffer.AckMode;
import io.sluice.buffer.AttachRequest;
import io.sluice.buffer.Attachment;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Doubt;
import io.sluice.buffer.FencedException;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.Run;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.TestMessages.Outcome;
import io.sluice.buffer.log.BufferException;
import io.sluice.buffer.log.Gap;
import io.sluice.buffer.log.LanePositions;
import io.sluice.buffer.log.Lanes;
import io.sluice.buffer.log.ReadBatch;
import io.sluice.buffer.log.RecordBatch;
import io.sluice.buffer.log.StoredMessage;
import io.sluice.file.FaultyFolder;
import io.sluice.message.Message;
import io.sluice.message.TopicFilter;
import io.sluice.remote.wire.Attach;
import io.sluice.remote.wire.DrainGrpc;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoteAttachmentTest {

    @TempDir
    Path dir;

    private Served broker;

    @BeforeEach
    void serve() {
        broker = new Served(dir.resolve("buffer"));
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void it_reads_what_a_consumer_in_the_broker_reads() throws Exception {
        Random random = new Random(42);
        List<TopicFilter> filters = List.of(TopicFilter.of("a/#"), TopicFilter.of("+/x"));
        Lanes lanes = new Lanes(random.nextLong());
        broker.buffer().attach(TestMessages.spec("keeper"));
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            byte[] payload = new byte[random.nextInt(i % 1_000 == 0 ? 2_000_000 : 300)];
            random.nextBytes(payload);
            String topic = List.of("a/1", "b/x", "c/d").get(random.nextInt(3));
            messages.add(TestMessages.message("client-" + random.nextInt(200), topic, payload));
        }
        TestMessages.appendAll(broker.buffer(), messages);
        TestMessages.append(broker.buffer(), TestMessages.message("last")).awaitSafe();
        Attachment local = broker.buffer().attach(new AttachRequest("local", filters, AckMode.BUFFERED, lanes));
        RemoteAttachment remote = broker.attach(new AttachRequest("remote", filters, AckMode.BUFFERED, lanes));
        LanePositions from = LanePositions.of(lane -> lane * 100L);
        local.seek(from);
        remote.seek(from);

        List<StoredMessage> here = all(local);
        assertThat(here).hasSizeGreaterThan(1_000);
        assertThat(all(remote)).isEqualTo(here);
        assertThat(remote.end()).isEqualTo(local.end());
        assertThat(remote.bufferId()).isEqualTo(broker.buffer().id());
        remote.close();
    }

    private List<StoredMessage> all(Attachment consumer) throws InterruptedException {
        List<StoredMessage> messages = new ArrayList<>();
        long end = broker.buffer().stats().end();
        for (long frontier = 0; frontier < end; ) {
            ReadBatch batch = consumer.read(700, 1 << 20, PATIENCE);
            messages.addAll(batch.messages());
            assertThat(batch.frontier()).isGreaterThanOrEqualTo(frontier);
            frontier = batch.frontier();
        }
        return messages;
    }

    @Test
    void what_it_acknowledges_is_the_consumers_when_it_comes_again() throws Exception {
        try (RemoteAttachment remote = broker.reader("c")) {
            assertThat(remote.acknowledged()).isEqualTo(LanePositions.all(-1));
            broker.append(0, 10);
            assertThat(read(remote, 10)).hasSize(10);
            remote.acknowledge(LanePositions.all(6));
            remote.acknowledge(LanePositions.all(4));
            remote.offsetsStored(new Lanes(0b101));
            assertThat(remote.acknowledged()).isEqualTo(LanePositions.all(6));
        }
        try (Attachment local = broker.buffer().attach(TestMessages.spec("c"))) {
            assertThat(local.acknowledged()).isEqualTo(LanePositions.all(6));
            assertThat(local.lanesWithStoredOffsets()).isEqualTo(new Lanes(0b101));
        }
        try (RemoteAttachment again = broker.reader("c")) {
            assertThat(again.lanesWithStoredOffsets()).isEqualTo(new Lanes(0b101));
            assertThat(texts(read(again, 3))).containsExactly("m7", "m8", "m9");
        }
    }

    @Test
    void what_it_leaves_in_doubt_is_there_when_it_comes_again_also_after_the_connection_was_lost_and_a_restart() {
        Doubt left = new Doubt(9, 8, 1, 2, Lanes.NONE.with(5));
        try (RemoteAttachment remote = broker.attach(TestMessages.spec("c"))) {
            assertThat(remote.doubt()).isEqualTo(Doubt.NONE);
            remote.doubt(left); // it drains nothing yet, and has nothing to say
            assertThat(remote.doubt()).isEqualTo(Doubt.NONE);
            remote.seek(remote.acknowledged());
            remote.doubt(new Doubt(9, -1, 0, 0, Lanes.NONE));
            broker.stop();
            await().atMost(PATIENCE).until(() -> !remote.connection().connected());
            remote.doubt(left);
            broker.startAgain();
            await().atMost(PATIENCE).until(() -> remote.connection().connected());
        }
        await().atMost(PATIENCE).untilAsserted(() -> {
            try (Attachment local = broker.buffer().attach(TestMessages.spec("c"))) {
                assertThat(local.doubt()).isEqualTo(left);
            }
        });
        broker.stop();
        broker.startAgain();
        try (RemoteAttachment again = broker.attach(TestMessages.spec("c"))) {
            assertThat(again.doubt()).isEqualTo(left);
        }
    }

    @Test
    void what_tasks_that_share_a_broker_leave_in_doubt_is_there_for_each_and_for_one_that_follows_them() {
        Lanes half = new Lanes(0xFFFF_FFFFL);
        Lanes otherHalf = Lanes.ALL.without(half);
        try (RemoteAttachment one = broker.reader("c")) {
            one.doubt(new Doubt(9, 8, 0, 2, Lanes.NONE.with(5).with(40)));
        }
        try (RemoteAttachment sharing = attachTo(half);
                RemoteAttachment other = attachTo(otherHalf)) {
            assertThat(sharing.doubt()).isEqualTo(new Doubt(9, 8, 0, 2, Lanes.NONE.with(5)));
            assertThat(other.doubt()).isEqualTo(new Doubt(9, 8, 0, 2, Lanes.NONE.with(40)));
            sharing.seek(sharing.acknowledged());
            sharing.doubt(new Doubt(12, 11, 0, 4, Lanes.NONE.with(6)));
        }
        broker.stop();
        broker.startAgain();
        try (RemoteAttachment one = broker.attach(TestMessages.spec("c"))) {
            assertThat(one.doubt())
                    .isEqualTo(new Doubt(12, 11, 0, 4, Lanes.NONE.with(6).with(40)));
        }
    }

    private RemoteAttachment attachTo(Lanes lanes) {
        return broker.attach(new AttachRequest("c", List.of(TopicFilter.of("#")), AckMode.BUFFERED, lanes));
    }

    @Test
    void what_is_in_doubt_is_said_until_the_broker_answers_that_it_is_on_its_disk() throws Exception {
        Doubt left = new Doubt(9, 8, 1, 2, Lanes.NONE.with(5));
        try (Proxy proxy = new Proxy(broker.endpoint());
                RemoteAttachment remote =
                        RemoteAttachment.attach(proxy.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"))) {
            assertThat(remote.isDoubtKept()).isTrue();
            remote.seek(remote.acknowledged());
            proxy.silence();
            remote.doubt(left); // it is on its way, and does not arrive
            assertThat(remote.isDoubtKept()).isFalse();
            proxy.cut();
            proxy.speak();
            await().atMost(PATIENCE).until(() -> !remote.connection().connected());
            assertThat(remote.isDoubtKept()).isFalse();
            proxy.mend();
            await().atMost(PATIENCE).until(remote::isDoubtKept);
            try (Attachment local = broker.buffer().attach(TestMessages.spec("c"))) {
                assertThat(local.doubt()).isEqualTo(left);
            }
        }
    }

    @Test
    void what_is_said_last_before_it_is_closed_counts_as_kept_only_if_the_broker_has_answered() throws Exception {
        Doubt left = new Doubt(9, 8, 1, 2, Lanes.NONE);
        RemoteAttachment heard = broker.reader("c");
        heard.doubt(left);
        heard.close();
        assertThat(heard.isDoubtKept()).isTrue();

        try (Proxy proxy = new Proxy(broker.endpoint())) {
            RemoteAttachment unheard =
                    RemoteAttachment.attach(proxy.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"));
            unheard.seek(unheard.acknowledged());
            proxy.silence();
            unheard.doubt(Doubt.NONE);
            unheard.close();
            assertThat(unheard.isDoubtKept()).isFalse();
            proxy.speak();
        }
    }

    @Test
    void what_it_acknowledges_is_dropped() throws Exception {
        try (RemoteAttachment remote = broker.reader("c")) {
            byte[] payload = new byte[1 << 20];
            TestMessages.appendAll(
                    broker.buffer(), Collections.nCopies(16, TestMessages.message("device", "t", payload)));
            List<StoredMessage> messages = read(remote, 16);
            assertThat(broker.buffer().stats().start()).isZero();
            remote.acknowledge(LanePositions.all(messages.get(15).position()));
            await().atMost(PATIENCE).until(() -> broker.buffer().stats().start() > 8);
            broker.append(0, 1);
            read(remote, 1);
            assertThat(remote.start()).isGreaterThan(8);
        }
    }

    @Test
    void a_publisher_who_waits_for_delivery_waits_for_its_acknowledgement() throws Exception {
        AttachRequest half = new AttachRequest(
                "c", List.of(TopicFilter.of("#")), AckMode.DELIVERED, new Lanes(0x5555_5555_5555_5555L));
        AttachRequest otherHalf = new AttachRequest(
                "c", half.filters(), half.ackMode(), new Lanes(~half.lanes().mask()));
        try (RemoteAttachment one = broker.attach(half);
                RemoteAttachment other = broker.attach(otherHalf)) {
            one.seek(one.acknowledged());
            other.seek(other.acknowledged());
            CompletableFuture<Void> ending = new CompletableFuture<>();
            List<CompletableFuture<Void>> tasks = List.of(deliver(one, ending), deliver(other, ending));

            long began = System.nanoTime();
            for (int i = 0; i < 50; i++) {
                Outcome outcome =
                        TestMessages.append(broker.buffer(), TestMessages.message("device-" + i, "t", "m" + i));
                outcome.awaitSafe();
            }
            long perMessageMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) / 50;

            ending.complete(null);
            tasks.forEach(CompletableFuture::join);
            assertThat(perMessageMs).as("ms until acknowledged").isLessThan(100);
        }
    }

    private static CompletableFuture<Void> deliver(RemoteAttachment remote, CompletableFuture<Void> ending) {
        return CompletableFuture.runAsync(() -> {
            try {
                while (!ending.isDone()) {
                    ReadBatch batch = remote.read(100, 1 << 20, Duration.ofMillis(100));
                    remote.acknowledge(LanePositions.all(batch.frontier() - 1));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

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
    void a_name_that_only_containers_have_is_looked_up_and_told_apart_from_mistakes_too() {
        BufferEndpoint nobody = BufferEndpoint.of("tcp://sluice_broker_1.invalid:8884");
        assertThatThrownBy(() -> RemoteAttachment.attach(nobody, BufferCredentials.NONE, TestMessages.spec("c")))
                .isInstanceOf(BufferUnreachableException.class)
                .hasMessageContaining(nobody.toString())
                .hasMessageContaining("unknown");
    }

    @Test
    void another_buffer_at_the_same_address_is_not_drained() throws Exception {
        try (RemoteAttachment remote = broker.reader("c")) {
            broker.append(0, 3);
            read(remote, 3);
            broker.stop();
            broker.startAgain(dir.resolve("other"));
            assertThatThrownBy(() -> readUntilItFails(remote))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("buffer is " + broker.buffer().id())
                    .hasMessageContaining(remote.bufferId());
            assertThat(broker.buffer().stats().consumers()).isEmpty();
            assertThat(remote.connection().connected()).isFalse();
            assertThatThrownBy(() -> remote.isOwnRun("a mark", -1))
                    .isNotInstanceOf(BufferUnreachableException.class)
                    .hasMessageContaining("buffer is " + broker.buffer().id());
        }
    }

    private static void readUntilItFails(RemoteAttachment remote) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            remote.read(1, 1, Duration.ofMillis(100));
        }
    }

    @Test
    void a_buffer_restored_from_an_older_copy_is_not_drained() throws Exception {
        Path copy = dir.resolve("copy");
        String run;
        try (RemoteAttachment remote = broker.reader("c")) {
            run = remote.run();
            broker.append(0, 3);
            read(remote, 3);
            broker.stop();
            copy(dir.resolve("buffer"), copy);
            broker.startAgain();
            broker.append(3, 10);
            read(remote, 7);
            broker.stop();
            broker.startAgain(copy);
            assertThatThrownBy(() -> readUntilItFails(remote))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("restored from an older copy");
        }
        try (RemoteAttachment again = broker.attach(TestMessages.spec("c"))) {
            assertThat(again.isOwnRun(run, -1)).isTrue();
            assertThatThrownBy(() -> again.seek(LanePositions.all(9)))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("restored from an older copy");
            broker.append(3, 20);
            assertThatThrownBy(() -> again.isOwnRun(run, 9))
                    .isInstanceOf(BufferException.class)
                    .hasMessageContaining("restored from an older copy");
        }
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void a_newer_attachment_fences_it_here_and_over_the_network() throws Exception {
        RemoteAttachment first = broker.reader("c");
        RemoteAttachment second = broker.reader("c");
        assertThatThrownBy(() -> readUntilItFails(first)).isInstanceOf(FencedException.class);
        first.acknowledge(LanePositions.all(100));
        first.close();
        try (Attachment local = broker.buffer().attach(TestMessages.spec("c"))) {
            local.seek(local.acknowledged());
            assertThatThrownBy(() -> readUntilItFails(second)).isInstanceOf(FencedException.class);
        }
        second.close();
    }

    @Test
    void an_attempt_to_attach_that_arrives_when_its_worker_has_given_it_up_takes_nothing_from_its_follower()
            throws Exception {
        try (Proxy proxy = new Proxy(broker.endpoint())) {
            proxy.silenceAt("connector-17");
            Thread givenUp = new Thread(() -> {
                try {
                    RemoteAttachment.attach(
                            proxy.endpoint(), BufferCredentials.NONE, TestMessages.spec("connector-17"));
                } catch (BufferException expected) {
                    // it is interrupted
                }
            });
            givenUp.start();
            await().atMost(PATIENCE).until(proxy::holdsBack);
            givenUp.interrupt();
            givenUp.join();
            try (RemoteAttachment living = broker.reader("connector-17")) {
                int before = numberOfNextAttachment();
                proxy.letHeldBackPass();
                AtomicInteger asked = new AtomicInteger();
                await().atMost(PATIENCE).until(() -> numberOfNextAttachment() > before + asked.incrementAndGet());
                broker.append(0, 10);
                assertThat(read(living, 10)).hasSize(10);
                assertThat(living.connection().losses()).isZero();
            }
        }
    }

    /** Attachments are numbered in the order in which they arrive. */
    private int numberOfNextAttachment() {
        try (Attachment probe = broker.buffer().attach(TestMessages.spec("connector-17"))) {
            return ByteBuffer.wrap(
                            Base64.getUrlDecoder().decode(Run.of(probe.run()).attachment()))
                    .getInt();
        }
    }

    @Test
    void one_that_was_followed_while_it_was_away_does_not_fence_its_follower() throws Exception {
        try (Proxy proxy = new Proxy(broker.endpoint());
                RemoteAttachment zombie =
                        RemoteAttachment.attach(proxy.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"))) {
            zombie.seek(zombie.acknowledged());
            proxy.cut();
            await().atMost(PATIENCE).until(() -> !zombie.connection().connected());
            RemoteAttachment follower = broker.reader("c");
            broker.append(0, 1);
            assertThat(read(follower, 1)).hasSize(1);
            broker.stop();
            await().atMost(PATIENCE).until(() -> !follower.connection().connected());
            follower.close();
            broker.startAgain();
            // It comes back first, and to a broker that nobody else has attached to.
            proxy.mend();
            assertThatThrownBy(() -> readUntilItFails(zombie)).isInstanceOf(FencedException.class);
            assertThat(broker.buffer().stats().consumers())
                    .singleElement()
                    .satisfies(consumer -> assertThat(consumer.attached()).isFalse());
        }
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
    void a_mark_is_recognised_by_the_broker() {
        try (RemoteAttachment first = broker.attach(TestMessages.spec("c"));
                RemoteAttachment other = broker.attach(TestMessages.spec("d"));
                RemoteAttachment again = broker.attach(TestMessages.spec("c"))) {
            assertThat(again.isOwnRun(again.run(), -1)).isTrue();
            assertThat(again.isOwnRun(first.run(), -1)).isTrue();
            assertThat(again.isOwnRun(other.run(), -1)).isFalse();
            assertThat(again.isOwnRun("no mark at all", -1)).isFalse();
        }
    }

    @Test
    void records_come_as_they_lie_in_the_log() throws Exception {
        try (RemoteAttachment remote = broker.reader("c")) {
            broker.append(0, 100);
            int bytes = 0;
            for (long frontier = 0; frontier < 100; ) {
                RecordBatch batch = remote.readRecords(1 << 20, PATIENCE).requireIntact();
                bytes += batch.records().remaining();
                frontier = batch.frontier();
            }
            assertThat(broker.server().stats().sentBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void a_slow_worker_costs_the_broker_no_memory() throws Exception {
        try (RemoteAttachment slow = broker.reader("c");
                RemoteAttachment quick = broker.reader("d")) {
            byte[] payload = new byte[100_000];
            TestMessages.appendAll(
                    broker.buffer(), Collections.nCopies(1_000, TestMessages.message("device", "t", payload)));
            assertThat(read(quick, 1_000)).hasSize(1_000);
            long both = broker.server().stats().sentBytes();
            assertThat(both - 100_000_000L).as("sent to the slow one").isBetween(1L, 25_000_000L);
            assertThat(read(slow, 1_000)).hasSize(1_000);
        }
    }

    @Test
    void what_was_published_bit_by_bit_while_a_worker_was_slow_comes_together() throws Exception {
        try (RemoteAttachment slow = broker.reader("c")) {
            List<Message> messages = TestMessages.numbered(500);
            for (Message message : messages) {
                TestMessages.append(broker.buffer(), message).awaitSafe();
            }
            int batches = 0;
            for (long frontier = 0; frontier < messages.size(); ) {
                RecordBatch batch = slow.readRecords(1 << 20, PATIENCE);
                frontier = batch.frontier();
                batches += batch.isEmpty() ? 0 : 1;
            }
            assertThat(batches).isBetween(1, 10);
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
    void a_read_can_be_interrupted_and_loses_nothing_by_it() throws Exception {
        try (RemoteAttachment remote = broker.reader("c")) {
            Thread reader = Thread.currentThread();
            CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS).execute(reader::interrupt);
            assertThatThrownBy(() -> remote.read(1, 1, PATIENCE)).isInstanceOf(InterruptedException.class);
            broker.append(0, 2);
            assertThat(texts(read(remote, 2))).containsExactly("m0", "m1");
        }
    }

    @Test
    void closing_it_ends_a_read_and_detaches() throws Exception {
        RemoteAttachment remote = broker.reader("c");
        CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS).execute(remote::close);
        assertThatThrownBy(() -> remote.read(1, 1, PATIENCE)).isInstanceOf(IllegalStateException.class);
        remote.close();
        remote.acknowledge(LanePositions.all(0));
        await().atMost(PATIENCE).until(() -> broker.server().stats().attached() == 0);
        assertThat(broker.buffer().stats().consumers())
                .singleElement()
                .satisfies(consumer -> assertThat(consumer.attached()).isFalse());
    }

    @Test
    void what_was_lost_is_told_once() throws Exception {
        BufferConfig dropping = new BufferConfig(
                Optional.empty(), 1 << 18, Overflow.DROP_OLDEST, 1 << 16, Duration.ZERO, Duration.ZERO);
        try (SharedBuffer buffer = SharedBuffer.open(dropping);
                DrainServer server = DrainServer.start(buffer, Served.ON_LOOPBACK);
                RemoteAttachment remote =
                        RemoteAttachment.attach(server.endpoint(), BufferCredentials.NONE, TestMessages.spec("c"))) {
            TestMessages.appendAll(
                    buffer, Collections.nCopies(1_000, TestMessages.message("device", "t", new byte[1_000])));
            await().atMost(PATIENCE).until(() -> buffer.stats().end() == 1_000);
            remote.seek(LanePositions.all(-1));
            List<Gap> gaps = new ArrayList<>();
            long messages = 0;
            for (long frontier = 0; frontier < 1_000; ) {
                ReadBatch batch = remote.read(10, 1 << 20, PATIENCE);
                gaps.addAll(batch.gaps());
                messages += batch.messages().size();
                frontier = batch.frontier();
            }
            assertThat(gaps).singleElement().satisfies(gap -> {
                assertThat(gap.from()).isZero();
                assertThat(gap.cause()).contains("drop.oldest");
            });
            assertThat(gaps.get(0).count() + messages).isEqualTo(1_000);
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
        link.close();
    }
}
