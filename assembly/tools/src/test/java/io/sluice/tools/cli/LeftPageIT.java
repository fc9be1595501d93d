package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages of the console that are left while they wait for an answer, before a worker and a status listener that take their time. */
class LeftPageIT {

    private static final Duration A_WHILE = Duration.ofSeconds(5);

    @TempDir
    Path home;

    private final CountDownLatch answers = new CountDownLatch(1);

    @BeforeAll
    static void browser() {
        assumeTrue(Browser.isInstalled(), "There is no browser; install Debian's chromium and chromium-driver.");
    }

    @Test
    void the_page_of_clients_asks_no_more() throws Exception {
        try (StandIn both = StandIn.saying(request -> {
            if (!request.endsWith("/clients")) {
                return Reply.ok("{}");
            }
            answers.await();
            return Reply.ok("{\"total\": 0, \"clients\": []}");
        })) {
            browse(both, browser -> {
                browser.goTo("#/clients");
                await().until(() -> timesAskedForClients(both) == 1);
                browser.goTo("#/integrations");
                browser.awaitText("h1", "Integrations");

                answers.countDown();

                await().during(A_WHILE).atMost(A_WHILE.multipliedBy(2)).until(() -> timesAskedForClients(both) == 1);
            });
        }
    }

    @Test
    void a_new_integration_does_not_become_the_change_of_another_one() throws Exception {
        try (StandIn both = StandIn.saying(request -> {
            if (request.endsWith("/connector-plugins")) {
                answers.await();
                return Reply.ok("[{\"class\": \"io.sluice.connect.MqttSourceConnector\", \"type\": \"source\"}]");
            }
            return Reply.ok(
                    request.endsWith("/config")
                            ? "{\"connector.class\": \"io.sluice.connect.MqttSourceConnector\", \"kafka.topic\": \"mine\"}"
                            : request.endsWith("/topics")
                                    ? "{\"one\": {\"topics\": []}}"
                                    : "{\"groups\": [], \"configs\": []}");
        })) {
            browse(both, browser -> {
                browser.goTo("#/new");
                await().until(() -> both.asked().contains("GET /connector-plugins"));
                browser.goTo("#/change/one");
                browser.awaitText(".beside", "mine");

                answers.countDown();

                await().during(A_WHILE)
                        .atMost(A_WHILE.multipliedBy(2))
                        .pollInSameThread()
                        .until(() -> browser.text(".beside").contains("mine"));
            });
        }
    }

    private void browse(StandIn both, Consumer<Browser> user) throws InterruptedException {
        Tool.Watched console = new Tool(home)
                .with("SLUICE_WORKER", both.address())
                .with("SLUICE_STATUS", both.address())
                .watched();
        Thread running = new Thread(() -> console.run("console", "--port", "0"));
        running.start();
        try (Browser browser = new Browser(home.resolve("profile"))) {
            await().until(() -> console.out().contains("token="));
            browser.open(console.out().strip());
            browser.awaitText("h1", "Integrations");
            user.accept(browser);
            assertThat(browser.complaints()).isEmpty();
        } finally {
            running.interrupt();
            running.join();
        }
    }

    private static long timesAskedForClients(StandIn listener) {
        return listener.asked().stream()
                .filter(request -> request.endsWith("/clients"))
                .count();
    }
}
