package io.sluice.broker.session;

import static io.sluice.broker.session.TestSessions.drain;
import static io.sluice.broker.session.TestSessions.safe;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.TestBroker;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.raw.Bytes;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is sent again after the buffer has taken it, and the journal of sessions has not. */
@Timeout(60)
class RepeatedDeliveryTest {

    private static final BufferConfig CONFIG =
            new BufferConfig(Optional.empty(), 4 << 20, Overflow.BLOCK, 1 << 20, Duration.ZERO, Duration.ofDays(1));
    private static final int ID = 7;
    private static final int DUP = 0x08;
    private static final int QOS_2 = 0x04;
    private static final int RETAIN = 0x01;

    private final Clocks clocks = new Clocks();
    private final FaultyFolder folder = new FaultyFolder();
    /** In memory, so that it always has a message before the journal has. */
    private final SharedBuffer buffer = SharedBuffer.open(CONFIG);

    private final Attachment reader = TestMessages.attach(buffer, TestMessages.spec("reader", "t"));

    @AfterEach
    void close() {
        reader.close();
        buffer.close();
    }

    private FrontDoor open(SessionStore store) throws Exception {
        return open(buffer, store);
    }

    private static FrontDoor open(SharedBuffer of, SessionStore store) throws Exception {
        return FrontDoor.open(
                TestBroker.doorConfig(AccessControl.of(TestBroker.OPEN)), of, store, new UnreleasedIds(of));
    }

    private static void subscribeAndLeave(FrontDoor door) throws Exception {
        try (Peer subscriber = Peer.at(door.listeners().get(0).port()).connect(Mqtt.V5.connectPersistent("away"))) {
            subscriber.send(Mqtt.V5.subscribe(1, 2, "t"));
            subscriber.next(Mqtt.SUBACK);
        }
        await().until(() -> door.stats().connections() == 0);
    }

    private static Peer device(FrontDoor door) throws Exception {
        return Peer.at(door.listeners().get(0).port()).connect(Mqtt.V5.connectPersistent("device"));
    }

    private static byte[] message(int flags) {
        return Mqtt.V5.publish("t", QOS_2 | flags, ID, new Bytes(), "once".getBytes(ISO_8859_1));
    }

    private static void sendAgain(FrontDoor door) throws Exception {
        try (Peer device = device(door)) {
            device.send(message(DUP));
            assertThat(device.next(Mqtt.PUBREC).packetId()).isEqualTo(ID);
            device.send(Mqtt.pubrel(ID));
            assertThat(device.next(Mqtt.PUBCOMP).packetId()).isEqualTo(ID);
        }
    }

    private static void assertCapturedOnce(SharedBuffer in, Attachment consumer) throws Exception {
        assertThat(TestMessages.read(consumer, 1))
                .extracting(TestMessages::text)
                .containsExactly("once");
        assertThat(in.stats().end()).as("the message and its release").isEqualTo(2);
    }

    private static void awaitHealed(SessionStore store) {
        await().until(() -> safe(store)
                .orTimeout(30, TimeUnit.SECONDS)
                .handle((done, failure) -> failure == null)
                .join());
    }

    @Test
    void a_message_that_could_not_be_stored_is_captured_once_and_stored_when_it_is_sent_again() throws Exception {
        try (SessionStore store = TestSessions.open(folder, clocks);
                FrontDoor door = open(store)) {
            subscribeAndLeave(door);
            try (Peer device = device(door)) {
                folder.setFreeBytes(0);
                device.send(message(0));
                assertThat(device.isClosedWithin(Duration.ofSeconds(20))).isTrue();
            }
            folder.setFreeBytes(Long.MAX_VALUE);
            awaitHealed(store);

            sendAgain(door);

            assertCapturedOnce(buffer, reader);
            assertThat(drain(store.queue("away"))).isNotEmpty().containsOnly("once");
        }
    }

    @Test
    void a_message_that_only_the_buffer_had_when_the_broker_was_killed_is_stored_when_it_is_sent_again()
            throws Exception {
        FaultyFolder disk = new FaultyFolder();
        AtomicReference<Map<String, byte[]>> left = new AtomicReference<>();
        try (SharedBuffer first = TestMessages.open(CONFIG, disk);
                Attachment consumer = TestMessages.attach(first, TestMessages.spec("reader", "t"));
                SessionStore store = TestSessions.open(folder, clocks);
                FrontDoor door = open(first, store)) {
            subscribeAndLeave(door);
            try (Peer device = device(door)) {
                folder.onForce(forcing -> {
                    if (new String(forcing.current(), ISO_8859_1).contains("once")) {
                        left.compareAndSet(null, forcing.disk());
                    }
                });
                device.send(message(0));
                device.next(Mqtt.PUBREC);
            }
            assertThat(consumer.end()).isEqualTo(1);
        }
        try (SharedBuffer second = TestMessages.open(CONFIG, new FaultyFolder(disk.current()));
                Attachment consumer = TestMessages.attach(second, TestMessages.spec("reader", "t"));
                SessionStore store = TestSessions.open(new FaultyFolder(left.get()), clocks);
                FrontDoor door = open(second, store)) {
            assertThat(store.queue("away").size()).isZero();

            sendAgain(door);

            assertCapturedOnce(second, consumer);
            assertThat(drain(store.queue("away"))).containsExactly("once");
        }
    }

    @Test
    void a_message_that_was_captured_is_not_refused_when_it_is_sent_again_and_there_is_no_space_to_retain_it()
            throws Exception {
        SessionLimits limits = new SessionLimits(10, 10, 1 << 20, 10, 10, 1, 1 << 20, 1 << 20);
        try (SessionStore store = TestSessions.open(folder, clocks, limits);
                FrontDoor door = open(store)) {
            try (Peer device = device(door)) {
                device.send(message(RETAIN));
                device.next(Mqtt.PUBREC);
            }
            store.retain(TestSessions.publish("t", ""));
            store.retain(TestSessions.publish("other", "takes the only place"));
            try (Peer device = device(door)) {
                device.send(message(DUP | RETAIN));
                assertThat(device.next(Mqtt.PUBREC).body()).as("no reason").containsExactly(0, ID);
            }
            assertThat(buffer.stats().end()).isEqualTo(1);
        }
    }

    @Test
    void a_retained_message_that_the_disk_is_too_slow_for_is_not_acknowledged() throws Exception {
        SessionLimits limits = new SessionLimits(10, 1_000, 1L << 30, 10, 10, 10, 1 << 20, 1L << 30);
        try (SessionStore store = TestSessions.open(folder, clocks, limits);
                FrontDoor door = open(store);
                Peer device = Peer.connected(door.listeners().get(0).port(), Mqtt.V3_1_1, "device")) {
            store.save(TestSessions.session("c"));
            folder.setFreeBytes(0);
            while (store.queue("c").add(TestSessions.publish("other", "x".repeat(1 << 20)))) {
                // Until the heap has no more to spare.
            }
            device.send(Mqtt.V3_1_1.publishRetained("t", 1, ID, "kept"));

            assertThat(device.isClosedWithin(Duration.ofSeconds(20))).isTrue();
        }
    }
}
