package io.sluice.buffer.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import io.sluice.message.UserProperty;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Records byte by byte: what lies on disks must be read by every version to come. */
class RecordLayoutTest {

    private static final int SALT = 7;
    private static final byte[] USER_PROPERTY = {0x26, 0, 1, 'k', 0, 1, 'v'};
    private static final byte[] NOTHING = {};

    private final CRC32C crc = new CRC32C();

    private static Message message(Optional<String> certificateName, List<UserProperty> properties) {
        return new Message(
                MessageKind.PUBLISH,
                "c7",
                Optional.of("ann"),
                certificateName,
                "a/b",
                Qos.EXACTLY_ONCE,
                true,
                false,
                513,
                1_700_000_000_001L,
                new PublishProperties(
                        false, OptionalLong.empty(), Optional.empty(), Optional.empty(), Optional.empty(), properties),
                ByteBuffer.wrap("payload".getBytes(UTF_8)));
    }

    /** A record as it lies on disk, without its checksum. */
    private byte[] onDisk(byte[]... parts) {
        int properties = 0;
        for (byte[] part : parts) {
            properties += part.length;
        }
        int size = 40 + 2 + 3 + 3 + properties + 7;
        ByteBuffer out = ByteBuffer.allocate(size)
                .putInt(0)
                .putInt(size)
                .putLong(42)
                .putLong(1_700_000_000_001L)
                .put((byte) 1)
                .put((byte) 0b1_0110)
                .put((byte) Lanes.of("c7"))
                .put((byte) 0)
                .putShort((short) 513)
                .putShort((short) 2)
                .putShort((short) 3)
                .putShort((short) 3)
                .putInt(properties)
                .put("c7anna/b".getBytes(UTF_8));
        for (byte[] part : parts) {
            out.put(part);
        }
        return out.put("payload".getBytes(UTF_8)).array();
    }

    private void assertIsOnDisk(Message message, byte[] expected) {
        ByteBuffer written = ByteBuffer.allocate(4_096);
        RecordLayout.encode(written, 42, message, crc);
        byte[] bytes = new byte[written.flip().remaining()];
        written.get(bytes);
        assertThat(bytes).isEqualTo(expected);
        assertThat(Records.sizeLimit(message)).isGreaterThanOrEqualTo(expected.length);

        ByteBuffer read = ByteBuffer.wrap(expected);
        RecordLayout.seal(read, 0, SALT, crc);
        RecordDecoder decoder = new RecordDecoder();
        decoder.take(new RecordBatch(read, SALT, 43, List.of()).requireIntact());
        assertThat(decoder.next(1, Integer.MAX_VALUE).messages())
                .extracting(StoredMessage::message)
                .containsExactly(message);
    }

    @Test
    void a_record_without_a_certificate_lies_as_it_has_since_the_first_version() {
        assertIsOnDisk(message(Optional.empty(), List.of()), onDisk());
        assertIsOnDisk(message(Optional.empty(), List.of(new UserProperty("k", "v"))), onDisk(USER_PROPERTY));
    }

    @Test
    void the_common_name_of_a_certificate_lies_in_front_of_the_properties() {
        byte[] name = {0x7F, 0, 4, 'd', (byte) 0xC3, (byte) 0xBC, '7'};
        assertIsOnDisk(message(Optional.of("dü7"), List.of()), onDisk(name));
        assertIsOnDisk(message(Optional.of("dü7"), List.of(new UserProperty("k", "v"))), onDisk(name, USER_PROPERTY));
        assertIsOnDisk(message(Optional.of(""), List.of()), onDisk(new byte[] {0x7F, 0, 0}, NOTHING));
    }
}
