package io.sluice.broker.door.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.sluice.broker.access.AccessGrant;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.session.SessionLimits;
import io.sluice.broker.session.SessionStore;
import io.sluice.broker.session.StoredPublish;
import io.sluice.broker.session.StoredSession;
import io.sluice.broker.session.TestSessions;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.BufferException;
import io.sluice.file.FaultyFolder;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When answers leave, and what of them stays. */
class AckQueueTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private SharedBuffer buffer;
    private UnreleasedIds.Session session;
    private AckQueue acks;

    @BeforeEach
    void open(@TempDir Path folder) {
        buffer = SharedBuffer.open(
                new BufferConfig(Optional.of(folder), 1 << 30, Overflow.BLOCK, 1 << 20, Duration.ZERO, Duration.ZERO));
        session = new UnreleasedIds(buffer, Long.MAX_VALUE).enter("device", false);
        Client client = new Client(
                "device",
                false,
                Optional.empty(),
                5,
                false,
                0,
                0,
                channel.remoteAddress(),
                Optional.empty(),
                Optional.empty(),
                AccessGrant.ALWAYS);
        acks = new AckQueue(channel.pipeline().firstContext(), session, client, () -> {});
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        buffer.close();
    }

    private static MqttMessage puback(int packetId) {
        return MqttMessageBuilders.pubAck().packetId(packetId).build();
    }

    private Object sent() {
        channel.runPendingTasks();
        return channel.readOutbound();
    }

    @Test
    void an_answer_does_not_leave_before_all_that_it_waits_for_is_known() {
        MqttMessage answer = puback(1);
        AckQueue.Batch batch = acks.open();
        batch.safe();
        batch.answer(answer);
        assertThat(sent()).as("what is delivered to sessions may still come").isNull();

        assertThat(batch.complete()).isTrue();
        acks.release();
        assertThat(sent()).isSameAs(answer);
        assertThat(acks.unanswered()).isZero();
    }

    @Test
    void answers_leave_in_the_order_of_their_publishes() {
        MqttMessage first = puback(1);
        MqttMessage second = puback(2);
        AckQueue.Batch waits = acks.open();
        waits.answer(first);
        waits.complete();
        AckQueue.Batch settled = acks.open();
        settled.answer(second);
        settled.settle();
        assertThat(settled.complete()).isTrue();
        acks.release();
        assertThat(sent()).isNull();
        assertThat(acks.unanswered()).isEqualTo(2);

        waits.safe();
        assertThat(sent()).isSameAs(first);
        assertThat(sent()).isSameAs(second);
    }

    @Test
    void publishes_of_qos_0_leave_nothing_behind_one_that_waits() {
        AckQueue.Batch waits = acks.open();
        waits.answer(puback(1));
        waits.complete();
        for (int i = 0; i < 10; i++) {
            AckQueue.Batch empty = acks.open();
            empty.settle();
            empty.complete();
        }
        assertThat(acks.batches()).isEqualTo(1);
    }

    @Test
    void answers_go_with_the_connection_and_identifiers_are_settled_all_the_same() {
        UnreleasedIds.Id id = session.accept(7, 1, false, () -> {}).id();
        AckQueue.Batch batch = acks.open();
        batch.answer(puback(7), id);
        batch.complete();

        acks.leave();
        assertThat(acks.unanswered()).isZero();
        batch.safe();
        assertThat(sent()).isNull();
        assertThat(session.accept(7, 1, true, () -> {}).progress())
                .as("known to be safe")
                .isEqualTo(UnreleasedIds.Progress.SAFE);
    }

    @Test
    void a_message_that_was_turned_away_is_not_acknowledged_although_the_disk_has_taken_the_rest_meanwhile() {
        FaultyFolder disk = new FaultyFolder();
        SessionLimits limits = new SessionLimits(10, 1_000, 1L << 30, 10, 10, 10, 1 << 20, 1L << 30);
        try (SessionStore store = TestSessions.open(disk, limits)) {
            store.save(new StoredSession("away", Optional.empty(), 5, 60, OptionalLong.empty()));
            disk.setFreeBytes(0);
            CompletableFuture<Boolean> otherSubscriber = new CompletableFuture<>();
            AckQueue.Batch batch = acks.open();
            long turnedAway = store.turnedAway();
            while (store.queue("away").add(megabyte())) {
                // Until the heap has no more to spare.
            }
            batch.answer(puback(1));
            batch.waitFor(otherSubscriber);
            batch.awaitStore(store, turnedAway);
            batch.settle();
            assertThat(batch.complete()).isFalse();

            disk.setFreeBytes(Long.MAX_VALUE);
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> store.queue("away").add(megabyte()));
            otherSubscriber.complete(true);

            await().until(() -> {
                channel.runPendingTasks();
                return !channel.isOpen();
            });
            assertThat(sent()).isNull();
        }
    }

    private static StoredPublish megabyte() {
        return new StoredPublish(
                "t",
                Qos.AT_LEAST_ONCE,
                false,
                OptionalLong.empty(),
                PublishProperties.NONE,
                ByteBuffer.allocate(1 << 20));
    }

    /** A segment of the buffer was full between them, and the next one could not be synced. */
    @Test
    void of_publishes_that_failed_together_those_that_the_buffer_has_are_not_captured_again() {
        UnreleasedIds.Id first = captured(1, 1);
        UnreleasedIds.Id second = captured(2, 2);
        AckQueue.Batch batch = acks.open();
        batch.answer(puback(1), first);
        batch.answer(puback(2), second);
        batch.complete();

        batch.failed(new BufferException("in this test"), 1);
        channel.runPendingTasks();

        assertThat(session.accept(1, 1, true, () -> {}).progress()).isEqualTo(UnreleasedIds.Progress.UNDELIVERED);
        assertThat(session.accept(2, 2, true, () -> {}).progress()).isEqualTo(UnreleasedIds.Progress.NEW);
    }

    private UnreleasedIds.Id captured(int packetId, int place) {
        UnreleasedIds.Id id =
                session.accept(packetId, packetId, false, () -> {}).id();
        id.captured = true;
        id.place = place;
        return id;
    }
}
