package io.sluice.broker.door.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.message.Message;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnreleasedMemoryTest {

    private static final int CLIENTS = 6;
    private static final int IDENTIFIERS = 50_000;

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void an_identifier_takes_about_what_it_is_counted_for_at_the_door_and_in_the_ledger(@TempDir Path dir) {
        BufferConfig config =
                new BufferConfig(Optional.of(dir), 1 << 30, Overflow.BLOCK, 256 << 20, Duration.ZERO, Duration.ZERO);
        try (SharedBuffer buffer = SharedBuffer.open(config.acknowledgingUnattached(true))) {
            UnreleasedIds ids = new UnreleasedIds(buffer, Long.MAX_VALUE);
            TestMessages.append(buffer, TestMessages.message("warm")).awaitSafe();
            long before = usedHeap();
            for (int client = 0; client < CLIENTS; client++) {
                String clientId = "client-" + client;
                UnreleasedIds.Session session = ids.enter(clientId, false);
                List<Message> messages = new ArrayList<>();
                for (int id = 1; id <= IDENTIFIERS; id++) {
                    session.accept(id, id * 77L, false, () -> {});
                    messages.add(TestMessages.qos2(clientId, id, "m"));
                    if (messages.size() == 500) {
                        TestMessages.appendAll(buffer, messages);
                        messages.clear();
                    }
                }
            }
            TestMessages.append(buffer, TestMessages.message("last")).awaitSafe();
            long after = usedHeap();
            assertThat(ids.enter("client-0", true).unreleased()).isEqualTo(IDENTIFIERS);
            double each = (double) (after - before) / (CLIENTS * IDENTIFIERS);
            assertThat(each).isBetween(UnreleasedMemory.BYTES_EACH * 0.75, UnreleasedMemory.BYTES_EACH * 1.1);
        }
    }
}
