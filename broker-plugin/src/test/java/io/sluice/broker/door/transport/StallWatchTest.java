package io.sluice.broker.door.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StallWatchTest {

    private static final long TIMEOUT_MS = 1_000;
    private static final int TOO_MUCH = 100_000;

    private final List<Long> stalled = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final StallWatch watch = new StallWatch(channel, TIMEOUT_MS, stalled::add);

    private void watchAsMuchAsWaits() {
        channel.freezeTime();
        channel.write(Unpooled.buffer().writeZero(TOO_MUCH));
        assertThat(channel.isWritable()).isFalse();
        watch.begin();
    }

    private void passTime() {
        channel.advanceTimeBy(TIMEOUT_MS, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void a_client_that_reads_nothing_has_stalled() {
        watchAsMuchAsWaits();
        passTime();
        assertThat(stalled).hasSize(1);
    }

    @Test
    void a_client_for_which_as_much_waits_again_has_not_stalled_while_it_reads() {
        watchAsMuchAsWaits();
        for (int i = 0; i < 5; i++) {
            watch.written();
            passTime();
        }
        assertThat(stalled).isEmpty();
        passTime();
        assertThat(stalled).hasSize(1);
    }
}
