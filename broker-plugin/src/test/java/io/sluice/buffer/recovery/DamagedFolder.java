package io.sluice.buffer.recovery;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.numbered;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.log.SegmentName;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.file.FaultyFolder;
import io.sluice.message.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;

/** A folder with several segments, to be damaged and recovered. */
abstract class DamagedFolder {

    static final BufferConfig CONFIG =
            new BufferConfig(Optional.empty(), 1 << 20, Overflow.BLOCK, 1024, Duration.ZERO, Duration.ofDays(7));

    static final int COUNT = 100;

    /** A buffer of several segments with {@link #COUNT} messages, of which consumer "c" has read none. */
    Map<String, byte[]> disk = Map.of();

    @BeforeEach
    void write_several_segments() {
        FaultyFolder storage = new FaultyFolder();
        try (SharedBuffer buffer = TestMessages.open(CONFIG, storage)) {
            buffer.attach(spec("c"));
            for (Message message : numbered(COUNT)) {
                append(buffer, message).awaitSafe();
            }
        }
        disk = storage.safe();
        assertThat(segments()).hasSizeGreaterThan(4);
    }

    List<String> segments() {
        return disk.keySet().stream().filter(name -> name.endsWith(".log")).toList();
    }

    static long baseOf(String segment) {
        return SegmentName.baseIn(segment).orElseThrow();
    }

    ReadBatch recover() throws Exception {
        try (SharedBuffer buffer = TestMessages.open(CONFIG, new FaultyFolder(disk));
                Attachment consumer = attach(buffer, spec("c"))) {
            append(buffer, message("after")).awaitSafe();
            return readNow(consumer);
        }
    }

    static List<String> allBut(long from, long to) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            if (i < from || i >= to) {
                texts.add("m" + i);
            }
        }
        texts.add("after");
        return texts;
    }

    void assertAllDelivered() throws Exception {
        ReadBatch batch = recover();
        assertThat(batch.gaps()).isEmpty();
        assertThat(batch.messages()).extracting(TestMessages::text).isEqualTo(allBut(0, 0));
    }

    void assertLost(long from, long to, ReadBatch batch) {
        assertThat(batch.messages()).extracting(TestMessages::text).isEqualTo(allBut(from, to));
        assertThat(batch.gaps()).hasSize(1);
        assertThat(batch.gaps().get(0).from()).isEqualTo(from);
        assertThat(batch.gaps().get(0).to()).isEqualTo(to);
    }
}
