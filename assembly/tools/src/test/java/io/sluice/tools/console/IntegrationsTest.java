package io.sluice.tools.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.tools.Context;
import io.sluice.tools.Settings;
import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class IntegrationsTest {

    @Test
    void of_a_worker_that_fails_all_pages_that_watch_hear_at_once_and_it_is_asked_once() {
        CountDownLatch fails = new CountDownLatch(1);
        try (StandIn worker = StandIn.saying(request -> {
            fails.await();
            return new Reply(503, "");
        })) {
            Map<String, String> environment = Map.of("SLUICE_WORKER", worker.address(), "SLUICE_STATUS", " ");
            KnownPlace place = new KnownPlace("here", new Settings(environment, Optional.empty(), Context.EMPTY));
            Integrations integrations = new Integrations();
            List<ByteArrayOutputStream> pages =
                    Stream.generate(ByteArrayOutputStream::new).limit(4).toList();
            List<Thread> watching = pages.stream()
                    .map(page -> new Thread(() -> {
                        try {
                            integrations.watch(place, () -> new EventStream(page));
                        } catch (Exception e) {
                            // the test is over
                        }
                    }))
                    .toList();
            watching.forEach(Thread::start);
            await().until(() -> !worker.asked().isEmpty()
                    && watching.stream()
                                    .filter(thread -> thread.getState() == Thread.State.BLOCKED)
                                    .count()
                            == 3);

            fails.countDown();

            await().pollInterval(Duration.ofMillis(20))
                    .until(() ->
                            pages.stream().allMatch(page -> page.toString(UTF_8).contains("refuses with HTTP 503")));
            assertThat(worker.asked()).hasSize(1);
            watching.forEach(Thread::interrupt);
        }
    }
}
