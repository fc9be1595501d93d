package io.sluice.buffer.consumer;

import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.Kept;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.Lanes;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records in doubt, which tasks leave to those that follow. */
@Timeout(60)
class DoubtsTest {

    @TempDir
    private Path folder;

    @Test
    void what_one_task_left_in_doubt_each_of_several_knows_for_its_lanes_and_one_after_them_all_that_they_leave() {
        Lanes odd = new Lanes(0xAAAA_AAAA_AAAA_AAAAL);
        Lanes even = Lanes.ALL.without(odd);
        Doubt all = new Doubt(9, 8, 1, 2, Lanes.NONE.with(4).with(5));
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            leave(buffer, Lanes.ALL, all);
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThat(attachTo(buffer, odd).doubt()).isEqualTo(new Doubt(9, 8, 1, 2, Lanes.NONE.with(5)));
            assertThat(attachTo(buffer, even).doubt()).isEqualTo(new Doubt(9, 8, 1, 2, Lanes.NONE.with(4)));
            leave(buffer, odd, new Doubt(12, 11, 0, 4, Lanes.NONE.with(7)));
            assertThat(attachTo(buffer, even).doubt()).isEqualTo(new Doubt(9, 8, 1, 2, Lanes.NONE.with(4)));
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThat(attachTo(buffer, Lanes.ALL).doubt())
                    .isEqualTo(new Doubt(12, 11, 0, 4, Lanes.NONE.with(4).with(7)));
            leave(buffer, Lanes.ALL, Doubt.NONE);
            assertThat(attachTo(buffer, odd).doubt()).isEqualTo(Doubt.NONE);
        }
    }

    @Test
    void what_is_in_doubt_when_the_buffer_is_closed_already_is_not_kept() {
        SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder));
        Attachment consumer = attachTo(buffer, Lanes.ALL);
        consumer.seek(consumer.acknowledged());
        buffer.close();
        consumer.doubt(new Doubt(9, 8, 1, 2, Lanes.NONE));
        assertThat(consumer.isDoubtKept()).isFalse();
    }

    private static void leave(SharedBuffer buffer, Lanes lanes, Doubt doubt) {
        try (Attachment consumer = attachTo(buffer, lanes)) {
            consumer.seek(consumer.acknowledged());
            consumer.doubt(doubt);
        }
    }

    private static Attachment attachTo(SharedBuffer buffer, Lanes lanes) {
        return buffer.attach(new AttachRequest("c", spec("c").filters(), AckMode.BUFFERED, lanes));
    }

    @Test
    void what_a_consumer_left_in_doubt_is_there_when_it_attaches_again_also_after_a_restart() {
        Doubt left = new Doubt(9, 8, 1, 2, Lanes.NONE.with(5));
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment consumer = buffer.attach(spec("c"));
            assertThat(consumer.doubt()).isEqualTo(Doubt.NONE);
            consumer.seek(consumer.acknowledged());
            consumer.doubt(left);
            Attachment next = buffer.attach(spec("c"));
            assertThat(next.doubt()).isEqualTo(left);
            next.doubt(Doubt.NONE); // it drains nothing yet, and has nothing to say
            assertThat(next.doubt()).isEqualTo(left);
            next.seek(next.acknowledged());
            consumer.doubt(Doubt.NONE); // it was followed by another, and has nothing to say any more
            assertThat(next.doubt()).isEqualTo(left);
        }
        try (SharedBuffer again = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThat(again.attach(spec("c")).doubt()).isEqualTo(left);
            assertThat(again.attach(spec("d")).doubt()).isEqualTo(Doubt.NONE);
        }
    }
}
