package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.FreePort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What it costs to wait for messages: processor time, which does not depend on what else the machine has to do. */
class IdleIT {

    private static final int CLIENTS = 10;
    private static final Duration WINDOW = Duration.ofSeconds(5);
    private static final Duration ONE_PERCENT = WINDOW.dividedBy(100);

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    @TempDir
    Path folder;

    private ConnectWorker worker;

    private Duration before;

    @BeforeEach
    void startWorkerOfItsOwn() {
        worker = new ConnectWorker(
                ConnectWorker.Mode.STANDALONE,
                Path.of(System.getProperty("kafka.libraries")),
                INSTALLED.plugins(),
                INSTALLED.kafka().bootstrapServers(),
                folder,
                Map.of());
        worker.start();
    }

    @AfterEach
    void endWorker() {
        worker.close();
    }

    @Test
    @Tag("soak")
    void a_connector_with_ten_idle_clients_uses_less_than_a_hundredth_of_a_core() throws Exception {
        Duration[] without = {Duration.ZERO};
        windows().until(() -> {
            without[0] = used();
            return without[0].compareTo(ONE_PERCENT.multipliedBy(5)) < 0; // it has settled after its start
        });

        int port = FreePort.next();
        Map<String, String> config = INSTALLED.firstConfiguration(port);
        config.put("broker.name", "idle");
        config.put("kafka.topic", "idle");
        worker.rest().create("idle", config);
        worker.rest().awaitRunning("idle", Duration.ofSeconds(30));
        List<Publisher> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                Publisher client = Publisher.mqtt3("idle-" + i, port);
                clients.add(client);
                client.connect();
            }
            Duration[] with = {Duration.ZERO};
            windows().until(() -> {
                with[0] = used();
                return with[0].minus(without[0]).compareTo(ONE_PERCENT) < 0;
            });
            System.out.printf(
                    "In %d s: %d ms of processor time without a connector, %d ms with one%n",
                    WINDOW.toSeconds(), without[0].toMillis(), with[0].toMillis());
            assertThat(with[0]).isPositive();
        } finally {
            clients.forEach(Publisher::close);
        }
        worker.rest().delete("idle");
    }

    private ConditionFactory windows() {
        before = cpuTime();
        return await().pollDelay(WINDOW).pollInterval(WINDOW).atMost(WINDOW.multipliedBy(12));
    }

    /** The processor time that the worker has used since this was asked last. */
    private Duration used() {
        Duration now = cpuTime();
        Duration used = now.minus(before);
        before = now;
        return used;
    }

    private Duration cpuTime() {
        return worker.process().cpuTime();
    }
}
