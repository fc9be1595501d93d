package io.sluice.broker.session;

import static io.sluice.broker.session.TestSessions.drain;
import static io.sluice.broker.session.TestSessions.retained;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.TestBroker;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.broker.session.TestSessions.Clocks;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.file.FaultyFolder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The power fails when the buffer has a message and the journal of sessions has it not yet. */
@Timeout(60)
class AnswerAfterJournalTest {

    private static final int COUNT = 5;

    private final Clocks clocks = new Clocks();
    private final FaultyFolder folder = new FaultyFolder();
    private final SessionStore store = TestSessions.open(folder, clocks);
    /** In memory, so that it always has a message before the journal has. */
    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 4 << 20, Overflow.BLOCK, 1 << 20, Duration.ZERO, Duration.ofDays(1)));

    private final Attachment reader = TestMessages.attach(buffer, TestMessages.spec("reader", "t"));

    private final AtomicInteger sent = new AtomicInteger();
    private final Semaphore answers = new Semaphore(0);
    private final AtomicInteger early = new AtomicInteger();
    private final AtomicInteger forced = new AtomicInteger();

    @AfterEach
    void close() {
        reader.close();
        store.close();
        buffer.close();
    }

    private static String payload(int number) {
        return "number-" + number + ".";
    }

    /** Before the journal has the message on disk, it gives the answer time to leave. */
    private void watch(FaultyFolder.Forcing forcing) {
        String payload = payload(sent.get());
        if (holds(forcing.current(), payload) && !holds(forcing.safe(), payload)) {
            forced.incrementAndGet();
            try {
                if (answers.tryAcquire(200, TimeUnit.MILLISECONDS)) {
                    early.incrementAndGet();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static boolean holds(byte[] file, String payload) {
        return new String(file, ISO_8859_1).contains(payload);
    }

    private FrontDoor open() throws Exception {
        return FrontDoor.open(
                TestBroker.doorConfig(AccessControl.of(TestBroker.OPEN)), buffer, store, new UnreleasedIds(buffer));
    }

    private void publish(int port, boolean isRetained) throws Exception {
        folder.onForce(this::watch);
        try (Peer device = Peer.connected(port, Mqtt.V5, "device")) {
            for (int i = 1; i <= COUNT; i++) {
                sent.set(i);
                answers.drainPermits();
                device.send(
                        isRetained
                                ? Mqtt.V5.publishRetained("t", 1, i, payload(i))
                                : Mqtt.V5.publish("t", 1, i, payload(i)));
                assertThat(device.next(Mqtt.PUBACK).packetId()).isEqualTo(i);
                answers.release();
            }
        }
    }

    private SessionStore openAfterPowerCut() {
        FaultyFolder left = folder.afterPowerCut(new Random(1));
        assertThat(forced).as("forces of a journal with a new message").hasValue(COUNT);
        assertThat(early).as("answers that left before").hasValue(0);
        return TestSessions.open(left, clocks);
    }

    @Test
    void what_is_acknowledged_is_in_the_queue_of_a_subscriber_that_is_away() throws Exception {
        try (FrontDoor door = open()) {
            int port = door.listeners().get(0).port();
            try (Peer subscriber = Peer.at(port).connect(Mqtt.V5.connectPersistent("away"))) {
                subscriber.send(Mqtt.V5.subscribe(1, 1, "t"));
                subscriber.next(Mqtt.SUBACK);
            }
            await().until(() -> door.stats().connections() == 0);

            publish(port, false);

            try (SessionStore left = openAfterPowerCut()) {
                assertThat(drain(left.queue("away")))
                        .containsExactlyElementsOf(IntStream.rangeClosed(1, COUNT)
                                .mapToObj(AnswerAfterJournalTest::payload)
                                .toList());
            }
        }
    }

    @Test
    void what_is_acknowledged_is_retained() throws Exception {
        try (FrontDoor door = open()) {
            publish(door.listeners().get(0).port(), true);

            try (SessionStore left = openAfterPowerCut()) {
                assertThat(retained(left, "t")).isEqualTo(List.of("t=" + payload(COUNT)));
            }
        }
    }
}
