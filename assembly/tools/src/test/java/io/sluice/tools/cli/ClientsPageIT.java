package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of clients before a status listener that takes its time. */
class ClientsPageIT {

    @TempDir
    Path home;

    @Test
    void a_page_that_is_left_while_it_waits_for_an_answer_asks_no_more() throws Exception {
        assumeTrue(Browser.isInstalled(), "There is no browser; install Debian's chromium and chromium-driver.");
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch answers = new CountDownLatch(1);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool();
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                boolean clients = exchange.getRequestURI().getPath().endsWith("/clients");
                if (clients) {
                    asked.incrementAndGet();
                    answers.await();
                }
                byte[] body = (clients ? "{\"total\": 0, \"clients\": []}" : "{}").getBytes(UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        String address = "http://127.0.0.1:" + server.getAddress().getPort();
        Tool.Watched console = new Tool(home)
                .with("SLUICE_WORKER", address)
                .with("SLUICE_STATUS", address)
                .watched();
        Thread running = new Thread(() -> console.run("console", "--port", "0"));
        running.start();
        try (Browser browser = new Browser(home.resolve("profile"))) {
            await().until(() -> console.out().contains("token="));
            browser.open(console.out().strip());
            browser.awaitText("h1", "Integrations");
            browser.goTo("#/clients");
            await().until(() -> asked.get() == 1);
            browser.goTo("#/integrations");
            browser.awaitText("h1", "Integrations");

            answers.countDown();

            await().during(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(8)).until(() -> asked.get() == 1);
            assertThat(browser.complaints()).isEmpty();
        } finally {
            running.interrupt();
            running.join();
            server.stop(0);
            threads.shutdownNow();
        }
    }
}
