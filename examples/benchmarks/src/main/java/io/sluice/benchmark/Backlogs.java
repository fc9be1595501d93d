package io.sluice.benchmark;

import io.sluice.testkit.ConnectRest;
import java.io.IOException;
import java.time.Duration;

/** Messages that wait in a buffer, and how fast they leave it. Not thread-safe. */
record Backlogs(Stage stage) {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** A producer that has lost Kafka is slow to look for it again. */
    private static final Duration RECONNECTING = Duration.ofSeconds(45);

    /**
     * What became of a backlog.
     *
     * @param published what the publishers saw
     * @param tally what arrived
     */
    record Drained(Published published, Tally tally) {

        /** Messages a second, by when Kafka took them. */
        double perSecond() {
            return tally.perSecond();
        }
    }

    /** While a connector rests. */
    Drained whilePaused(ConnectRest worker, Contender contender, Load load, int run)
            throws IOException, InterruptedException {
        String connector = contender.topic().orElseThrow();
        worker.pause(connector);
        worker.awaitPaused(connector, PATIENCE);
        Published published = LoadGenerator.publish(load, contender.port(), run);
        Tally tally = new Tally(run, load.connections());
        try (KafkaTail tail = new KafkaTail(stage.kafka().bootstrapServers(), connector, tally)) {
            worker.resume(connector);
            tail.await(published.acknowledged(), RECONNECTING);
        }
        return new Drained(published, tally);
    }

    /** While Kafka is away. */
    Drained withoutKafka(Contender contender, Load load, int run) throws IOException, InterruptedException {
        stage.kafka().close();
        Published published = LoadGenerator.publish(load, contender.port(), run);
        stage.kafka().start();
        Tally tally = new Tally(run, load.connections());
        try (KafkaTail tail = KafkaTail.fromTheBeginning(
                stage.kafka().bootstrapServers(), contender.topic().orElseThrow(), tally)) {
            tail.await(published.acknowledged(), RECONNECTING);
        }
        return new Drained(published, tally);
    }
}
