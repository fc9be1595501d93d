package io.moquette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.moquette.interception.BrokerInterceptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionLoopsTest {

    private final BrokerInterceptor interceptor = new BrokerInterceptor(List.of());
    private final List<String> failed = new CopyOnWriteArrayList<>();
    private final SessionLoops loops = new SessionLoops(interceptor, (client, cause) -> failed.add(client));

    @AfterEach
    void end() {
        loops.terminate();
        interceptor.stop();
    }

    @Test
    void a_command_that_fails_is_told_with_its_client_and_the_next_ones_run() {
        AtomicInteger run = new AtomicInteger();
        loops.routeCommand("bad", "fails", () -> {
            throw new StackOverflowError();
        });
        IntStream.range(0, 100)
                .forEach(i -> loops.routeCommand("client-" + i, "counts", () -> {
                    run.incrementAndGet();
                    return null;
                }));
        await().until(() -> run.get() == 100);
        assertThat(failed).containsExactly("bad");
    }

    @Test
    void whoever_waits_for_a_command_hears_of_its_failure_also_if_nobody_else_can_be_told() {
        SessionLoops mute = new SessionLoops(interceptor, (client, cause) -> {
            throw new IllegalStateException("cannot be told");
        });
        try {
            CompletableFuture<?> outcome = mute.routeCommand("bad", "fails", () -> {
                        throw new StackOverflowError();
                    })
                    .completableFuture();
            await().dontCatchUncaughtExceptions().until(outcome::isCompletedExceptionally);
        } finally {
            mute.terminate();
        }
    }

    @Test
    void commands_of_one_client_run_in_order_however_many_wait() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            int number = i;
            assertThat(loops.routeCommand("client", "appends", () -> {
                                order.add(number);
                                return null;
                            })
                            .isSuccess())
                    .isTrue();
        }
        loops.terminate();
        assertThat(order).hasSize(100_000).isSorted();
    }

    @Test
    void the_loop_of_a_client_exists_whatever_its_identifier_hashes_to() {
        String hashesToTheLeastInteger = "polygenelubricants";
        assertThat(hashesToTheLeastInteger.hashCode()).isEqualTo(Integer.MIN_VALUE);
        assertThat(loops.targetQueueOrdinal(hashesToTheLeastInteger)).isNotNegative();
    }
}
