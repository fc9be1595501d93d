package io.sluice.broker.door.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WillsTest {

    private static final int DELAY_SECONDS = 60;
    private static final long BYTES_EACH = 400;

    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 4 << 20, Overflow.BLOCK, 1 << 20, Duration.ZERO, Duration.ofDays(1)));
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Wills wills = new Wills(buffer, 2 * BYTES_EACH);
    private final List<String> published = new ArrayList<>();
    private Runnable retry = () -> {};
    private boolean isFree = true;

    WillsTest() {
        channel.freezeTime();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        buffer.close();
    }

    private DeferredAppends appends() {
        return new DeferredAppends(buffer, channel.eventLoop(), () -> {});
    }

    private Wills.Delayed leave() {
        return leave("device").orElseThrow();
    }

    private Optional<Wills.Delayed> leave(String device) {
        return wills.leave(device, DELAY_SECONDS, channel.eventLoop(), new Wills.Publication() {
            @Override
            public long heldBytes() {
                return BYTES_EACH;
            }

            @Override
            public boolean publishIfFree(Runnable whenFree) {
                retry = whenFree;
                return isFree && published.add("when due");
            }

            @Override
            public void publish(DeferredAppends appends) {
                published.add("at once");
            }
        });
    }

    private void passTime(int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void one_that_waits_for_space_is_published_when_there_is_some() {
        isFree = false;
        leave().mayFollow(appends());
        passTime(DELAY_SECONDS);
        isFree = true;
        retry.run();
        channel.runPendingTasks();
        assertThat(published).containsExactly("when due");
        retry.run();
        channel.runPendingTasks();
        assertThat(published).hasSize(1);
    }

    @Test
    void a_client_that_is_back_cancels_one_that_waits_for_space() {
        isFree = false;
        leave().mayFollow(appends());
        passTime(DELAY_SECONDS);
        wills.arrived("device", true);
        isFree = true;
        retry.run();
        channel.runPendingTasks();
        assertThat(published).isEmpty();
    }

    @Test
    void a_client_that_is_back_cancels_one_that_may_not_follow_yet() {
        Wills.Delayed will = leave();
        wills.arrived("device", true);
        will.mayFollow(appends());
        passTime(DELAY_SECONDS);
        assertThat(published).isEmpty();
    }

    @Test
    void a_new_session_publishes_one_as_soon_as_it_may_follow() {
        Wills.Delayed will = leave();
        wills.arrived("device", false);
        assertThat(published).isEmpty();
        will.mayFollow(appends());
        assertThat(published).containsExactly("at once");
        passTime(DELAY_SECONDS);
        assertThat(published).hasSize(1);
    }

    @Test
    void a_new_session_publishes_one_whose_delay_is_not_over() {
        leave().mayFollow(appends());
        passTime(DELAY_SECONDS - 1);
        assertThat(published).isEmpty();
        wills.arrived("device", false);
        assertThat(published).containsExactly("at once");
        passTime(DELAY_SECONDS);
        assertThat(published).hasSize(1);
    }

    @Test
    void none_is_delayed_while_those_that_wait_take_as_much_memory_as_they_may() {
        leave("first").orElseThrow().mayFollow(appends());
        leave("second").orElseThrow().mayFollow(appends());
        assertThat(leave("third")).isEmpty();

        wills.arrived("first", true);
        wills.arrived("third", true);
        leave("third").orElseThrow().mayFollow(appends());
        assertThat(leave("first")).isEmpty();
        wills.arrived("second", false);
        leave("third").orElseThrow().mayFollow(appends());
        leave("second").orElseThrow().mayFollow(appends());
        assertThat(leave("first")).isEmpty();

        published.clear();
        passTime(DELAY_SECONDS);
        assertThat(published).as("second and third").hasSize(2);
        assertThat(leave("first")).isPresent();
        assertThat(leave("second")).isPresent();
        assertThat(leave("third")).isEmpty();
    }

    @Test
    void one_that_cannot_be_published_does_not_end_the_connection_of_who_comes_next() {
        Wills.Publication fails = new Wills.Publication() {
            @Override
            public long heldBytes() {
                return BYTES_EACH;
            }

            @Override
            public boolean publishIfFree(Runnable whenFree) {
                throw new StackOverflowError("a fault");
            }

            @Override
            public void publish(DeferredAppends appends) {
                throw new StackOverflowError("a fault");
            }
        };
        wills.leave("device", DELAY_SECONDS, channel.eventLoop(), fails)
                .orElseThrow()
                .mayFollow(appends());
        wills.arrived("device", false);
        wills.leave("device", 0, channel.eventLoop(), fails).orElseThrow().mayFollow(appends());
        passTime(1);
        channel.checkException();
    }
}
