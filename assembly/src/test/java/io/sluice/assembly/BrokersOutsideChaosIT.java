package io.sluice.assembly;

import io.sluice.testkit.ConnectWorker;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What holds while standalone brokers, workers and the network fail in turn. */
class BrokersOutsideChaosIT {

    private static final int PER_SECOND = 50;
    private static final int ROUNDS = 10;

    @RegisterExtension
    static final TwoBrokers BROKERS = new TwoBrokers();

    @Test
    @Tag("soak")
    void qos_2_messages_are_in_kafka_once_and_in_order_through_many_failures() throws Exception {
        String name = "remote-chaos";
        ConnectWorker second = BROKERS.secondWorker();
        BROKERS.create(name, 2, Map.of());
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (Fleet fleet =
                new Fleet(PER_SECOND, BROKERS.one().mqttPort(), BROKERS.other().mqttPort())) {
            for (int round = 1; round <= ROUNDS; round++) {
                RemoteBroker failing = round % 2 == 0 ? BROKERS.other() : BROKERS.one();
                RemoteBroker healthy = round % 2 == 0 ? BROKERS.one() : BROKERS.other();
                ConnectWorker worker = round % 2 == 0 ? BROKERS.firstWorker() : second;

                fleet.awaitMore(random.nextInt(2 * PER_SECOND));
                failing.kill();
                fleet.awaitMoreAt(healthy.mqttPort(), PER_SECOND);
                failing.start();
                fleet.awaitMore(random.nextInt(2 * PER_SECOND));
                worker.kill();
                worker.start();
                fleet.awaitMore(random.nextInt(2 * PER_SECOND));
                failing.network().cut();
                fleet.awaitMoreAt(healthy.mqttPort(), PER_SECOND);
                failing.network().mend();
                healthy.network().delay(100);
                fleet.awaitMore(random.nextInt(2 * PER_SECOND));
                healthy.network().delay(0);
                System.out.printf(
                        "%s, seed %d, round %d of %d: %d published, %d acknowledged%n",
                        name, seed, round, ROUNDS, fleet.published(), fleet.acknowledged());
            }
            fleet.awaitMore(PER_SECOND);
            BROKERS.assertExactlyOnce(fleet, name);
        }
    }
}
