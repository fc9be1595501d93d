package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.testkit.ConnectRestException;
import io.sluice.testkit.ConnectWorker;
import io.sluice.testkit.FreePort;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The broker in its worker, where Connect moves tasks between two workers, each with a separate disk. */
@Tag("soak")
class TwoWorkersIT {

    private static final String NAME = "two-workers";
    private static final int PER_SECOND = 20;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @RegisterExtension
    static final Installed INSTALLED = new Installed(Map.of(
            "config.providers",
            "env",
            "config.providers.env.class",
            "org.apache.kafka.common.config.provider.EnvVarConfigProvider"));

    private static ConnectWorker secondWorker;

    @BeforeAll
    static void startSecondWorker() {
        secondWorker = INSTALLED.anotherWorker();
        secondWorker.start();
    }

    @AfterAll
    static void endSecondWorker() {
        secondWorker.close();
    }

    @Test
    void what_stays_behind_with_a_killed_worker_is_told_and_delivered_when_the_task_is_back_there() throws Exception {
        int port = FreePort.next();
        ConnectWorker one = INSTALLED.worker();
        one.rest().create(NAME, configuration(port));
        one.rest().awaitRunning(NAME, TIMEOUT);
        if (!isAt(one)) {
            one = secondWorker;
        }
        ConnectWorker two = one == secondWorker ? INSTALLED.worker() : secondWorker;

        try (Fleet fleet = new Fleet(PER_SECOND, port)) {
            fleet.awaitMore(2 * PER_SECOND);
            one.kill();
            awaitTaskAt(two);
            fleet.awaitMore(2 * PER_SECOND);
            two.kill();
            one.start();
            awaitTaskAt(one);
            fleet.awaitMore(PER_SECOND);
            fleet.finish();
            one.close();
            two.start();
            awaitTaskAt(two);

            assertThat(fleet.outcomes(INSTALLED.kafka().bootstrapServers(), NAME))
                    .allSatisfy(outcome -> assertThat(outcome.lost())
                            .as("%s: lost", outcome.device())
                            .isZero());
        }
        assertThatTheSecondStayIsTold(one);
        assertThatTheSecondStayIsTold(two);
        two.rest().delete(NAME);
    }

    /** First the buffer was new to the connector, then it had what a kill had left in it. */
    private static void assertThatTheSecondStayIsTold(ConnectWorker worker) {
        WorkerLog log = new WorkerLog(worker);
        List<JsonNode> stays = log.events("buffer.attached", NAME);
        assertThat(stays).hasSize(2);
        assertThat(stays.get(0).path("waiting").asInt()).isZero();
        assertThat(stays.get(1).path("waiting").asInt()).isPositive();
        assertThat(stays.get(1).path("buffer")).isEqualTo(stays.get(0).path("buffer"));
        String buffer = stays.get(0).path("buffer").asText();
        assertThat(log.lines())
                .anyMatch(line -> line.contains("nothing was delivered from the buffer " + buffer))
                .anyMatch(line -> line.contains("messages have waited in the buffer " + buffer));
    }

    private static Map<String, String> configuration(int port) throws Exception {
        Map<String, String> config = new HashMap<>(INSTALLED.firstConfiguration(port));
        config.put("kafka.topic", NAME);
        config.put("broker.name", NAME);
        config.put("buffer.dir", "${env:" + Installed.WORKER_FOLDER + "}/buffer");
        // The producer waits so long for more records, with which there is always something that Kafka does not have
        // yet.
        config.put("producer.override.linger.ms", "3000");
        return config;
    }

    private static void awaitTaskAt(ConnectWorker worker) {
        await().atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .until(() -> isAt(worker));
    }

    private static boolean isAt(ConnectWorker worker) {
        JsonNode task = worker.rest().status(NAME).at("/tasks/0");
        return task.path("state").asText().equals("RUNNING")
                && task.path("worker_id")
                        .asText()
                        .equals(URI.create(worker.rest().url()).getAuthority());
    }
}
