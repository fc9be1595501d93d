package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.assembly.Fleet.Outcome;
import io.sluice.testkit.ConnectRestException;
import io.sluice.testkit.FreePort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Devices with persistent sessions publish while the worker and Kafka are killed (SIGKILL) at random moments. Every round
 * prints how far they have come, and the end what is in Kafka.
 */
final class Chaos {

    /** How many messages a device publishes in a second. */
    static final int PER_SECOND = 100;

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    /** No transaction is open for so long: they time out after twelve seconds. */
    private static final Duration BEYOND_RECOVERY = Duration.ofSeconds(60);

    private Chaos() {}

    /**
     * Lets devices publish while the worker, then Kafka, is killed at a random moment of each round.
     *
     * @param name of connector, topic and broker
     */
    static List<Outcome> publishThrough(Installed installed, String name, int rounds) throws Exception {
        int port = FreePort.next();
        Map<String, String> config = installed.firstConfiguration(port);
        config.put("kafka.topic", name);
        config.put("broker.name", name);
        // A worker that starts again waits for the transaction of its killed self to end.
        config.put("producer.override.transaction.timeout.ms", "12000");
        installed.worker().rest().create(name, config);
        installed.worker().rest().awaitRunning(name, TIMEOUT);

        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (Fleet fleet = new Fleet(PER_SECOND, port)) {
            for (int round = 1; round <= rounds; round++) {
                awaitMore(fleet, random.nextInt(2 * PER_SECOND), installed, name);
                installed.worker().kill();
                installed.worker().start();
                awaitMore(fleet, random.nextInt(2 * PER_SECOND), installed, name);
                installed.kafka().kill();
                installed.kafka().start();
                System.out.printf(
                        "%s, seed %d, round %d of %d: %d published, %d acknowledged%n",
                        name, seed, round, rounds, fleet.published(), fleet.acknowledged());
            }
            awaitMore(fleet, PER_SECOND, installed, name);
            fleet.finish();
            assertThat(fleet.leastReturns()).isGreaterThanOrEqualTo(rounds);
            assertThat(new WorkerLog(installed.worker()).events("message.dead.letter", name))
                    .as("messages that are blamed although nobody refuses them")
                    .isEmpty();
            List<Outcome> outcomes = fleet.outcomes(installed.kafka().bootstrapServers(), name);
            installed.worker().rest().delete(name);
            return outcomes;
        }
    }

    /**
     * Waits for devices to go on, and does what an operator does if they do not: a Kafka that was killed in the wrong moment
     * makes the transaction of a task fail, with which the task fails, or forgets it.
     */
    private static void awaitMore(Fleet fleet, int more, Installed installed, String name) {
        fleet.awaitMore(more, taken -> {
            try {
                System.out.printf(
                        "%s stands still: %s%n", name, installed.worker().rest().status(name));
                installed.worker().rest().restartFailed(name);
            } catch (ConnectRestException e) {
                System.out.printf("%s cannot be looked at now: %s%n", name, e.getMessage());
            }
            if (taken.compareTo(BEYOND_RECOVERY) > 0) {
                HangingTransactions.end(installed.kafka(), name, installed.offsets());
            }
        });
    }
}
