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
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Two standalone brokers, new for each test, a network to each, and a group of two workers with exactly-once source support,
 * each a separate process. The brokers and the second worker run from when a test first asks for them.
 */
final class TwoBrokers implements BeforeAllCallback, AfterAllCallback, AfterEachCallback, AfterTestExecutionCallback {

    static final Duration TIMEOUT = Duration.ofMinutes(1);

    private static final String ENDPOINTS = "buffer.endpoints";

    private final Installed installed = new Installed(Map.of("exactly.once.source.support", "enabled"));

    private Optional<ConnectWorker> secondWorker = Optional.empty();
    private RemoteBroker one;
    private RemoteBroker other;

    @Override
    public void beforeAll(ExtensionContext context) {
        installed.beforeAll(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        endSecondWorker();
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        installed.afterTestExecution(context);
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        for (RemoteBroker broker : started()) {
            broker.close();
        }
        one = null;
        other = null;
    }

    RemoteBroker one() throws IOException, InterruptedException {
        if (one == null) {
            one = new RemoteBroker();
        }
        return one;
    }

    RemoteBroker other() throws IOException, InterruptedException {
        if (other == null) {
            other = new RemoteBroker();
        }
        return other;
    }

    private List<RemoteBroker> started() {
        return Stream.of(one, other).filter(Objects::nonNull).toList();
    }

    ConnectWorker firstWorker() {
        return installed.worker();
    }

    ConnectWorker secondWorker() {
        return secondWorker.orElseGet(() -> {
            ConnectWorker started = installed.anotherWorker();
            started.start();
            secondWorker = Optional.of(started);
            return started;
        });
    }

    /** Leaves the first worker alone in the group. */
    void endSecondWorker() {
        secondWorker.ifPresent(ConnectWorker::close);
        secondWorker = Optional.empty();
    }

    /** The second worker too, if it runs. */
    Stream<ConnectWorker> workers() {
        return Stream.concat(Stream.of(firstWorker()), secondWorker.stream());
    }

    /** Of the first worker. */
    ConnectRest rest() {
        return firstWorker().rest();
    }

    String bootstrapServers() {
        return installed.kafka().bootstrapServers();
    }

    /** Creates a connector that drains both brokers, unless {@code more} says otherwise, and waits until they know it. */
    void create(String name, int tasks, Map<String, String> more) throws Exception {
        Map<String, String> config = configuration(name, tasks, more);
        rest().create(name, config);
        awaitTasks(name, tasks);
        // What devices publish before the connector has attached for the first time is nobody's.
        for (RemoteBroker broker : started()) {
            if (config.get(ENDPOINTS).contains(broker.network().endpoint())) {
                broker.awaitKnown(name);
            }
        }
    }

    /** Of a connector that drains both brokers into the topic of its name, unless {@code more} says otherwise. */
    Map<String, String> configuration(String name, int tasks, Map<String, String> more)
            throws IOException, InterruptedException {
        Map<String, String> config = Installed.sampleConfiguration("remote.json");
        config.keySet().removeIf(key -> key.startsWith("buffer.ssl."));
        config.put("tasks.max", Integer.toString(tasks));
        config.put("kafka.topic", name);
        if (!more.containsKey(ENDPOINTS)) {
            config.put(
                    ENDPOINTS,
                    one().network().endpoint() + "," + other().network().endpoint());
        }
        config.put("buffer.auth.token", RemoteBroker.TOKEN);
        // A worker that takes a task over waits for the transaction of a killed one to end.
        config.put("producer.override.transaction.timeout.ms", "12000");
        // A producer whose transaction has failed may wait so long before it closes (limits.md).
        config.put("producer.override.metadata.max.age.ms", "1000");
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
        awaitTasks(name, rest().status(name).path("tasks").size());
        for (Outcome outcome : fleet.outcomes(bootstrapServers(), name)) {
            assertThat(outcome.published())
                    .as("%s: published", outcome.device())
                    .isPositive();
            outcome.assertExactlyOnce();
        }
        rest().delete(name);
    }
}
