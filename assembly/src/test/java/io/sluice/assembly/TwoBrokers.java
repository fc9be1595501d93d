package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.assembly.Fleet.Outcome;
import io.sluice.testkit.ConnectRest;
import io.sluice.testkit.ConnectRestException;
import io.sluice.testkit.ConnectWorker;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Two standalone brokers, new for each test, a network to each, and a group of two workers with exactly-once source support,
 * each a separate process.
 */
final class TwoBrokers
        implements BeforeAllCallback,
                AfterAllCallback,
                BeforeEachCallback,
                AfterEachCallback,
                AfterTestExecutionCallback {

    static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final Installed installed = new Installed(Map.of("exactly.once.source.support", "enabled"));
    private ConnectWorker secondWorker;
    private RemoteBroker one;
    private RemoteBroker other;

    @Override
    public void beforeAll(ExtensionContext context) {
        installed.beforeAll(context);
        secondWorker = installed.anotherWorker();
        secondWorker.start();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        secondWorker.close();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        one = new RemoteBroker();
        other = new RemoteBroker();
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        installed.afterTestExecution(context);
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        one.close();
        other.close();
    }

    RemoteBroker one() {
        return one;
    }

    RemoteBroker other() {
        return other;
    }

    ConnectWorker firstWorker() {
        return installed.worker();
    }

    ConnectWorker secondWorker() {
        return secondWorker;
    }

    /** Of the first worker. */
    ConnectRest rest() {
        return firstWorker().rest();
    }

    String bootstrapServers() {
        return installed.kafka().bootstrapServers();
    }

    /** Creates a connector that drains both brokers, and waits until both know it. */
    void create(String name, int tasks, Map<String, String> more) throws Exception {
        rest().create(name, configuration(name, tasks, more));
        awaitTasks(name, tasks);
        // What devices publish before the connector has attached for the first time is nobody's.
        one.awaitKnown(name);
        other.awaitKnown(name);
    }

    /** Of a connector that drains both brokers into the topic of its name, unless {@code more} says otherwise. */
    Map<String, String> configuration(String name, int tasks, Map<String, String> more) throws IOException {
        Map<String, String> config = Installed.sampleConfiguration("remote.json");
        config.keySet().removeIf(key -> key.startsWith("buffer.ssl."));
        config.put("tasks.max", Integer.toString(tasks));
        config.put("kafka.topic", name);
        config.put(
                "buffer.endpoints",
                one.network().endpoint() + "," + other.network().endpoint());
        config.put("buffer.auth.token", RemoteBroker.TOKEN);
        // A worker that takes a task over waits for the transaction of a killed one to end.
        config.put("producer.override.transaction.timeout.ms", "20000");
        config.putAll(more);
        return config;
    }

    /** Waits until so many tasks run. */
    void awaitTasks(String name, int tasks) {
        await().atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .until(() -> {
                    JsonNode status = rest().status(name).path("tasks");
                    List<String> states = status.findValuesAsText("state");
                    if (status.toString().contains("InvalidTxnStateException")) {
                        // Kafka has ended the transaction of a task, which its operator starts again (limits.md).
                        rest().restartFailed(name);
                        return false;
                    }
                    assertThat(states).as(status.toString()).doesNotContain("FAILED");
                    return states.equals(Collections.nCopies(tasks, "RUNNING"));
                });
    }

    /** Stops a fleet, and deletes the connector when all that the fleet has published is in Kafka once and in order. */
    void assertExactlyOnce(Fleet fleet, String name) throws Exception {
        fleet.finish();
        for (Outcome outcome : fleet.outcomes(bootstrapServers(), name)) {
            assertThat(outcome.published())
                    .as("%s: published", outcome.device())
                    .isPositive();
            outcome.assertExactlyOnce();
        }
        rest().delete(name);
    }
}
