package io.sluice.remote;

import static io.sluice.remote.Served.PATIENCE;
import static io.sluice.remote.Served.read;
import static io.sluice.remote.Served.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.TestMessages.Outcome;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.buffer.consumer.AttachRequest;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.Gap;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import io.sluice.message.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A buffer that is read over the network, as one in the same process is. */
class RemoteAttachmentTest extends WithServedBuffer {

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

    @Test
    void it_tells_of_what_is_here_already_when_what_came_before_holds_no_message() throws Exception {
        AtomicInteger rung = new AtomicInteger();
        AttachRequest wanted = new AttachRequest("c", List.of(TopicFilter.of("a")), AckMode.BUFFERED, Lanes.ALL);
        try (RemoteAttachment remote = broker.attach(wanted)) {
            remote.onReadable(rung::incrementAndGet);
            remote.seek(remote.acknowledged());
            await().atMost(PATIENCE).until(() -> rung.get() >= 1);
            TestMessages.append(broker.buffer(), TestMessages.message("device", "a", "m"))
                    .awaitSafe();
            await().atMost(PATIENCE).until(() -> rung.get() >= 2);
            rung.set(0);

            assertThat(remote.read(1, 1, Duration.ZERO).messages()).isEmpty();
            assertThat(rung).hasValue(1);
            assertThat(texts(read(remote, 1))).containsExactly("m");
            assertThat(remote.read(1, 1, Duration.ZERO).messages()).isEmpty();
            assertThat(rung).as("nothing is left").hasValue(1);
        }
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
    void what_it_reads_again_is_kept_until_it_has_acknowledged_it_again() throws Exception {
        try (RemoteAttachment others = broker.reader("others")) {
            try (RemoteAttachment remote = broker.reader("c")) {
                TestMessages.appendAll(
                        broker.buffer(), Collections.nCopies(16, TestMessages.message("d", "t", new byte[1 << 20])));
                assertThat(read(remote, 16)).hasSize(16);
                remote.acknowledge(LanePositions.all(15));
            }
            try (RemoteAttachment again = broker.attach(TestMessages.spec("c"))) {
                again.seek(LanePositions.all(-1));
                assertThat(read(again, 16)).hasSize(16);
                others.acknowledge(LanePositions.all(15));
                again.acknowledge(LanePositions.all(0));
                await().during(Duration.ofMillis(2_500))
                        .atMost(PATIENCE)
                        .until(() -> broker.buffer().stats().start() == 0);
                assertThat(again.acknowledged()).isEqualTo(LanePositions.all(15));

                again.acknowledge(LanePositions.all(15));
                await().atMost(PATIENCE).until(() -> broker.buffer().stats().start() > 0);
            }
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
}
