package io.sluice.buffer.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.TestMessages;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecordsTest {

    @Test
    void releases_behind_a_large_message_do_not_copy_it_each_time() {
        Records records = new Records();
        records.add(0, TestMessages.message("device", "t", new byte[9 << 20]), (9 << 20) + 200);
        Set<ByteBuffer> copies = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 1; i <= 10_000; i++) {
            records.addRelease(i, "device", i);
            copies.add(records.buffer());
        }
        assertThat(copies).hasSizeLessThan(3);
    }
}
