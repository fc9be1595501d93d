package io.sluice.connect.delivery;

import io.sluice.connect.telemetry.LogGuard;
import io.sluice.connect.telemetry.TaskEvents;
import io.sluice.thread.DaemonThreads;
import io.sluice.thread.Repeated;
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
 * waits for ever for a topic that is missing; in both cases the task is shown as running. It looks once a second on a
 * separate thread, as the thread of the task may be the one that waits.
 */
final class SilenceWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SilenceWatch.class);

    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(10);

    private final String connector;
    private final TaskEvents events;
    private final Supplier<Optional<Silence>> silence;
    private final ScheduledExecutorService looks;

    /** Of what was told; empty: nothing, or its end. */
    private Optional<Extent> told = Optional.empty();

    enum Extent {
        /** One record, and Kafka acknowledges others. */
        ONE,
        /** One record, and nothing more is read until Kafka acknowledges it. */
        READING,
        /** Every record. */
        ALL
    }

    /**
     * Kafka acknowledges nothing although records are on their way, or are to be made.
     *
     * @param forMs for so long, in milliseconds
     * @param topic the Kafka topic of the record that Kafka Connect took last, or that is to be made
     * @param reason why that may be
     * @param extent what it is about
     */
    record Silence(long forMs, String topic, String reason, Extent extent) {

        /** Of a record that Kafka Connect has taken, while Kafka acknowledges others. */
        static Silence ofOne(Delivery delivery) {
            return of(delivery, "", Extent.ONE);
        }

        /** Of a record that Kafka Connect has taken, behind which so many are remembered that nothing more is read. */
        static Silence ofReading(Delivery delivery) {
            return of(
                    delivery,
                    "the task reads no more until then, since the memory for records after that one is used up; ",
                    Extent.READING);
        }

        private static Silence of(Delivery delivery, String what, Extent extent) {
            return new Silence(
                    Duration.ofNanos(System.nanoTime() - delivery.takenNs()).toMillis(),
                    delivery.topic(),
                    what + "the record is for the topic " + delivery.topic()
                            + ": if that topic was deleted and has fewer partitions now, restart the connector and its"
                            + " tasks; otherwise see whether each of its partitions has a leader",
                    extent);
        }

        /** @param isSending whether Kafka Connect is still busy with the record that it took last, and does not poll */
        static Silence of(long forMs, String topic, boolean isSending) {
            String reason = isSending
                    ? "Kafka Connect waits with a record for the topic " + topic
                            + ": if Kafka has no such topic, create it, or"
                            + " set topic.creation.default.partitions and topic.creation.default.replication.factor so that"
                            + " Kafka Connect does; otherwise see whether Kafka can be reached"
                    : "the last record is for the topic " + topic
                            + ": see whether Kafka can be reached, and whether that topic"
                            + " has a leader and as many replicas in sync as min.insync.replicas asks for";
            return new Silence(forMs, topic, reason, Extent.ALL);
        }
    }

    SilenceWatch(String connector, TaskEvents events, Supplier<Optional<Silence>> silence) {
        this.connector = connector;
        this.events = events;
        this.silence = silence;
        this.looks = Executors.newSingleThreadScheduledExecutor(new DaemonThreads("sluice-silence-" + connector));
        Repeated looking = new Repeated(
                this::look,
                e -> LOG.error(
                        "{}: Sluice cannot check now whether Kafka acknowledges, and tries again every second",
                        connector,
                        e));
        looks.scheduleWithFixedDelay(looking, 1, 1, TimeUnit.SECONDS);
    }

    /** Whether a silence is longer than Kafka needs when all is well. */
    static boolean isStall(Silence silence) {
        return silence.forMs() >= LONGEST_SILENCE.toMillis();
    }

    private void look() {
        Optional<Silence> now = silence.get();
        Optional<Extent> extent = now.filter(SilenceWatch::isStall).map(Silence::extent);
        boolean isNews = told.isEmpty() || extent.equals(Optional.of(Extent.READING));
        if (extent.isPresent() && isNews && !extent.equals(told)) {
            log(now.get());
            events.kafkaSilent(now.get().forMs(), now.get().topic(), now.get().reason());
            told = extent;
        } else if (now.isEmpty() && told.isPresent()) {
            LogGuard.log(() -> LOG.info("{}: Kafka acknowledges again, or nothing waits for it.", connector));
            events.kafkaAnswers();
            told = Optional.empty();
        }
    }

    private void log(Silence silence) {
        String sentence = switch (silence.extent()) {
            case ONE ->
                "{}: Kafka has not acknowledged one record for {} s, but acknowledges others: {}. Messages of its"
                        + " client stay in the buffer.";
            case READING -> "{}: Kafka has not acknowledged one record for {} s: {}. Messages wait in the buffer.";
            case ALL -> "{}: Kafka has acknowledged nothing for {} s: {}. Messages wait in the buffer.";
        };
        LogGuard.log(() -> LOG.warn(sentence, connector, silence.forMs() / 1_000, silence.reason()));
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }
}
