package io.sluice.buffer.consumer;

import static io.sluice.buffer.TestMessages.append;
import static io.sluice.buffer.TestMessages.attach;
import static io.sluice.buffer.TestMessages.message;
import static io.sluice.buffer.TestMessages.read;
import static io.sluice.buffer.TestMessages.readNow;
import static io.sluice.buffer.TestMessages.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.buffer.Kept;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which of several attachments to a lane drains it. */
@Timeout(60)
class FencingTest {

    @TempDir
    private Path folder;

    @Test
    void a_newer_attachment_fences_the_older_one_that_shares_a_lane() throws Exception {
        Lanes low = new Lanes(0xFFFF_FFFFL);
        Lanes high = new Lanes(~0xFFFF_FFFFL);
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment task0 = attach(buffer, new AttachRequest("c", List.of(), AckMode.BUFFERED, low));
            Attachment task1 = attach(buffer, new AttachRequest("c", List.of(), AckMode.BUFFERED, high));
            readNow(task0);
            Attachment newer = attach(buffer, new AttachRequest("c", List.of(), AckMode.BUFFERED, low));
            assertThatThrownBy(() -> readNow(task0)).isInstanceOf(FencedException.class);
            append(buffer, message("m")).awaitSafe();
            task0.acknowledge(LanePositions.all(0));
            assertThat(newer.acknowledged()).isEqualTo(LanePositions.all(-1));
            readNow(task1);
            task0.close();
            readNow(newer);
        }
    }

    @Test
    void an_attachment_that_never_says_where_it_begins_takes_nothing_from_the_one_that_drains() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment living = attach(buffer, spec("c", "a/#"));
            Attachment late = buffer.attach(spec("c", "b/#"));
            append(buffer, message("m")).awaitSafe();
            assertThat(read(living, 1)).hasSize(1);
            living.acknowledge(LanePositions.all(0));
            late.close();
            append(buffer, message("next")).awaitSafe();
            assertThat(read(living, 1)).hasSize(1);
            assertThat(buffer.interest("b")).isEqualTo(Interest.NONE);
            assertThat(buffer.resume(spec("c", "a/#"), living.run()).acknowledged())
                    .isEqualTo(LanePositions.all(0));
        }
    }

    @Test
    void of_two_attachments_the_newer_one_drains_whichever_says_first_where_it_begins() throws Exception {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment older = buffer.attach(spec("c"));
            Attachment newer = buffer.attach(spec("c"));
            newer.seek(newer.acknowledged());
            assertThatThrownBy(() -> older.seek(older.acknowledged())).isInstanceOf(FencedException.class);
            append(buffer, message("m")).awaitSafe();
            assertThat(read(newer, 1)).hasSize(1);
        }
    }

    @Test
    void a_mark_is_its_consumers_own_after_any_number_of_openings_and_no_others() {
        String run;
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            run = buffer.attach(spec("c")).run();
            assertThat(buffer.attach(spec("d")).isOwnRun(run, -1)).isFalse();
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment again = buffer.attach(spec("c"));
            assertThat(again.isOwnRun(run, -1)).isTrue();
            assertThat(again.isOwnRun(again.run(), -1)).isTrue();
            assertThat(again.run()).isNotEqualTo(run);
            assertThat(again.isOwnRun("x" + run, -1)).isFalse();
            assertThat(again.isOwnRun("", -1)).isFalse();
            assertThat(again.isOwnRun("no mark at all", -1)).isFalse();
            again.close();
            assertThat(buffer.forget("c")).isTrue();
            assertThat(buffer.attach(spec("c")).isOwnRun(run, -1)).isFalse();
        }
    }

    @Test
    void an_attachment_that_was_cut_off_goes_on_under_its_mark() throws Exception {
        String run;
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment first = attach(buffer, spec("c"));
            run = first.run();
            Attachment again = buffer.resume(spec("c"), run);
            assertThat(again.run()).isEqualTo(run);
            readNow(first);
            again.seek(again.acknowledged());
            assertThatThrownBy(() -> readNow(first)).isInstanceOf(FencedException.class);
            readNow(again);
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            String resumed = buffer.resume(spec("c"), run).run();
            assertThat(Run.of(resumed).attachment()).isEqualTo(Run.of(run).attachment());
            assertThat(Run.of(resumed).opening()).isNotEqualTo(Run.of(run).opening());
        }
    }

    @Test
    void an_attachment_that_was_followed_cannot_go_on_whoever_comes_back_first() {
        Lanes low = new Lanes(0xFF);
        Lanes high = new Lanes(0xFF00);
        AttachRequest task0 = new AttachRequest("c", List.of(), AckMode.BUFFERED, low);
        AttachRequest task1 = new AttachRequest("c", List.of(), AckMode.BUFFERED, high);
        String followed;
        String beside;
        String newest;
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            followed = attach(buffer, task0).run();
            beside = attach(buffer, task1).run();
            newest = attach(buffer, task0).run();
            assertThatThrownBy(() -> buffer.resume(task0, followed)).isInstanceOf(FencedException.class);
        }
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            assertThatThrownBy(() -> buffer.resume(task0, followed)).isInstanceOf(FencedException.class);
            Attachment held = buffer.resume(task0, newest);
            Attachment other = buffer.resume(task1, beside);
            assertThatThrownBy(() -> buffer.resume(task0, followed)).isInstanceOf(FencedException.class);
            held.seek(held.acknowledged());
            other.seek(other.acknowledged());
            attach(buffer, task0);
            assertThatThrownBy(() -> readNow(held)).isInstanceOf(FencedException.class);
            assertThatCode(() -> readNow(other)).doesNotThrowAnyException();
        }
    }

    @Test
    void nobody_goes_on_under_a_mark_of_a_consumer_that_was_forgotten() {
        try (SharedBuffer buffer = SharedBuffer.open(Kept.ON_DISK.config(folder))) {
            Attachment first = buffer.attach(spec("c"));
            String run = first.run();
            first.close();
            buffer.forget("c");
            assertThatThrownBy(() -> buffer.resume(spec("c"), run)).hasMessageContaining("forgotten");
            buffer.attach(spec("c"));
            assertThatThrownBy(() -> buffer.resume(spec("c"), run)).hasMessageContaining("forgotten");
        }
    }
}
