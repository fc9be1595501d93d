package io.sluice.broker.session;

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
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that is refused because its session cannot be stored has not been there. */
@Timeout(60)
class RefusedSessionTest {

    private final FaultyFolder folder = new FaultyFolder();
    private final SessionStore store = TestSessions.open(folder, new Clocks());
    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 4 << 20, Overflow.BLOCK, 1 << 20, Duration.ZERO, Duration.ofDays(1)));
    private final Attachment reader = TestMessages.attach(buffer, TestMessages.spec("reader", "#"));
    private FrontDoor door;

    @BeforeEach
    void open() throws Exception {
        door = FrontDoor.open(
                TestBroker.doorConfig(AccessControl.of(TestBroker.OPEN)), buffer, store, new UnreleasedIds(buffer));
    }

    @AfterEach
    void close() {
        door.close();
        reader.close();
        store.close();
        buffer.close();
    }

    private static byte[] withWill(int delaySeconds) {
        return Mqtt.V5
                .connectHead(0x04, 60)
                .properties(Bytes.of(0x11).u32(3_600))
                .text("device")
                .properties(Bytes.of(0x18).u32(delaySeconds))
                .text("t")
                .binary("gone".getBytes(ISO_8859_1))
                .packet(0x10);
    }

    private void assertRefused(byte[] connect) throws Exception {
        folder.setFreeBytes(0);
        try (Peer device = Peer.at(door.listeners().get(0).port())) {
            device.send(connect);
            assertThat(device.next(Mqtt.CONNACK).body()[1]).isEqualTo((byte) 0x88);
        }
        await().until(() -> door.stats().connections() == 0);
    }

    @Test
    void it_leaves_no_will() throws Exception {
        assertRefused(withWill(0));

        TestMessages.append(buffer, TestMessages.message("c", "t", "last")).awaitSafe();
        assertThat(TestMessages.read(reader, 1)).extracting(TestMessages::text).containsExactly("last");
    }

    @Test
    void its_former_connections_will_is_published_when_it_is_due() throws Exception {
        try (Peer device = Peer.at(door.listeners().get(0).port()).connect(withWill(3))) {
            device.reset();
        }
        await().until(() -> door.stats().connections() == 0);
        assertRefused(Mqtt.V5.connectPersistent("device"));

        assertThat(TestMessages.read(reader, 1)).extracting(TestMessages::text).containsExactly("gone");
    }
}
