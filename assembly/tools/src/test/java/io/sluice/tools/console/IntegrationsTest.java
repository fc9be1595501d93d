package io.sluice.tools.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.sluice.tools.Context;
import io.sluice.tools.Settings;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class IntegrationsTest {

    @Test
    void of_a_worker_that_fails_all_pages_that_watch_hear_at_once_and_it_is_asked_once() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch fails = new CountDownLatch(1);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool();
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                asked.incrementAndGet();
                fails.await();
                exchange.sendResponseHeaders(503, -1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        try {
            Map<String, String> environment = Map.of(
                    "SLUICE_WORKER", "http://127.0.0.1:" + server.getAddress().getPort(), "SLUICE_STATUS", " ");
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
            await().until(() -> asked.get() > 0
                    && watching.stream()
                                    .filter(thread -> thread.getState() == Thread.State.BLOCKED)
                                    .count()
                            == 3);

            fails.countDown();

            await().pollInterval(Duration.ofMillis(20))
                    .until(() ->
                            pages.stream().allMatch(page -> page.toString(UTF_8).contains("refuses with HTTP 503")));
            assertThat(asked).hasValue(1);
            watching.forEach(Thread::interrupt);
        } finally {
            server.stop(0);
            threads.shutdownNow();
        }
    }
}
