package io.sluice.connect.delivery;

import io.sluice.connect.telemetry.TaskEvents;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports that Kafka acknowledges nothing, and the likely reason. Kafka Connect retries for ever, and its producer
 * waits for ever for a topic that is missing; in both cases the task is shown as running.
 *
 * <p>It looks once a second on a separate thread, as the thread of the task may be the one that waits.
 */
final class SilenceWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SilenceWatch.class);

    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);

    private final String connector;
    private final TaskEvents events;
    private final Supplier<Optional<Silence>> silence;
    private final ScheduledExecutorService looks;
    private boolean told;

    /**
     * Kafka acknowledges nothing although records are on their way, or are to be made.
     *
     * @param forMs for so long, in milliseconds
     * @param topic the Kafka topic of the record that Kafka Connect took last, or that is to be made
     * @param reason why that may be
     * @param ofOne whether it is only about one record, and Kafka acknowledges others
     */
    record Silence(long forMs, String topic, String reason, boolean ofOne) {

        /** Of a record that Kafka Connect has taken, while Kafka acknowledges others. */
        static Silence ofOne(Delivery delivery) {
            return new Silence(
                    Duration.ofNanos(System.nanoTime() - delivery.takenNs()).toMillis(),
                    delivery.topic(),
                    "the record is for the topic " + delivery.topic()
                            + ": if that topic was deleted and has fewer partitions now, restart the connector and its"
                            + " tasks; otherwise see whether each of its partitions has a leader",
                    true);
        }

        /** @param isSending whether Kafka Connect is still busy with the record that it took last, and does not poll */
        static Silence of(long forMs, String topic, boolean isSending) {
            return new Silence(forMs, topic, reason(topic, isSending), false);
        }

        private static String reason(String topic, boolean isSending) {
            return isSending
                    ? "Kafka Connect waits with a record for the topic " + topic
                            + ": if Kafka has no such topic, create it, or"
                            + " set topic.creation.default.partitions and topic.creation.default.replication.factor so that"
                            + " Kafka Connect does; otherwise see whether Kafka can be reached"
                    : "the last record is for the topic " + topic
                            + ": see whether Kafka can be reached, and whether that topic"
                            + " has a leader and as many replicas in sync as min.insync.replicas asks for";
        }
    }

    SilenceWatch(String connector, TaskEvents events, Supplier<Optional<Silence>> silence) {
        this.connector = connector;
        this.events = events;
        this.silence = silence;
        this.looks = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "sluice-silence-" + connector);
            thread.setDaemon(true);
            return thread;
        });
        looks.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
    }

    /** Whether a silence is longer than Kafka needs when all is well. */
    static boolean isStall(Silence silence) {
        return silence.forMs() >= LONGEST_SILENCE.toMillis();
    }

    private void look() {
        Optional<Silence> now = silence.get();
        if (now.isPresent() && !told && isStall(now.get())) {
            told = true;
            log(now.get());
            events.kafkaSilent(now.get().forMs(), now.get().topic(), now.get().reason());
        } else if (now.isEmpty() && told) {
            told = false;
            LOG.info("{}: Kafka acknowledges again.", connector);
            events.kafkaAnswers();
        }
    }

    private void log(Silence silence) {
        long seconds = silence.forMs() / 1_000;
        if (silence.ofOne()) {
            LOG.warn(
                    "{}: Kafka has not acknowledged one record for {} s, but acknowledges others. {}. Messages of its client"
                            + " stay in the buffer.",
                    connector,
                    seconds,
                    silence.reason());
        } else {
            LOG.warn(
                    "{}: Kafka has acknowledged nothing for {} s. {}. Messages wait in the buffer.",
                    connector,
                    seconds,
                    silence.reason());
        }
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }
}
