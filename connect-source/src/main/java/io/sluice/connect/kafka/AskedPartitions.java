package io.sluice.connect.kafka;

import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.route.NotNowException;
import io.sluice.connect.route.PartitionCounts;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks Kafka how many partitions topics have, when that has to be known, and remembers it for half a minute. A topic that is
 * missing is taken to have as many as Kafka Connect would create; as a worker may be told not to create topics, and Kafka may
 * create them by itself, it is asked for again every second.
 *
 * <p>For one thread, but for {@link #close}.
 */
public final class AskedPartitions implements PartitionCounts, AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final long FRESH_NS = Duration.ofSeconds(30).toNanos();

    /**
     * Topics are created, and grow. A device that names partitions that do not exist costs one question in this time.
     */
    private static final long FRESH_SHORTLY_NS = Duration.ofSeconds(1).toNanos();

    /** After a question without an answer. */
    private static final long PAUSE_NS = Duration.ofSeconds(1).toNanos();

    private final Map<String, Object> settings;
    private final TopicCreation creation;
    private final LongSupplier clockNs;
    private final Map<String, Answer> known = new HashMap<>();
    private @Nullable Admin admin;
    private @Nullable Failure failure;
    private boolean closed;

    /**
     * Has asked nothing yet.
     *
     * @param settings of an admin client of the Kafka that records go to
     * @param creation how topics that are missing are created
     */
    public AskedPartitions(Map<String, Object> settings, TopicCreation creation) {
        this(settings, creation, System::nanoTime);
    }

    /** @param clockNs tells the time, as {@link System#nanoTime} does */
    AskedPartitions(Map<String, Object> settings, TopicCreation creation, LongSupplier clockNs) {
        this.clockNs = clockNs;
        this.settings = new HashMap<>(settings);
        this.settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(LIMIT.toMillis()));
        this.settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(LIMIT.toMillis()));
        this.settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "sluice-partitions");
        this.settings.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        this.creation = creation;
    }

    /**
     * A question without an answer; further ones wait for a moment, so that many buffers do not wait one after the
     * other.
     */
    private record Failure(NotNowException why, long ns) {}

    /**
     * @param refusal why there is no count; empty: there is one
     * @param isAssumed whether the topic is missing
     */
    private record Answer(int count, String refusal, boolean isAssumed, long ns) {}

    @Override
    public void learn(String topic, int atLeast) throws NotNowException {
        Answer last = known.get(topic);
        long age = last == null ? Long.MAX_VALUE : clockNs.getAsLong() - last.ns();
        if (last == null
                || age > FRESH_NS
                || ((last.isAssumed() || last.count() < atLeast) && age > FRESH_SHORTLY_NS)) {
            Failure before = failure;
            if (before != null && clockNs.getAsLong() - before.ns() < PAUSE_NS) {
                throw before.why();
            }
            known.put(topic, ask(topic));
            failure = null;
        }
    }

    @Override
    public int of(String topic) throws UnmappableException {
        Answer answer = known.get(topic);
        if (answer == null) {
            throw new IllegalStateException("nobody has asked for the partitions of " + topic);
        }
        if (!answer.refusal().isEmpty()) {
            throw new UnmappableException(answer.refusal());
        }
        return answer.count();
    }

    private Answer ask(String topic) throws NotNowException {
        Throwable cause;
        try {
            int count = Objects.requireNonNull(admin().describeTopics(List.of(topic))
                            .topicNameValues()
                            .get(topic))
                    .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .partitions()
                    .size();
            return new Answer(count, "", false, clockNs.getAsLong());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cause = e;
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        }
        if (cause instanceof UnknownTopicOrPartitionException) {
            return missing(topic);
        }
        if (cause instanceof TopicAuthorizationException) {
            return refused("Kafka does not let this connector see how many partitions its Kafka topic " + topic
                    + " has, which kafka.partition asks for: allow it Describe");
        }
        if (cause instanceof InvalidTopicException) {
            return refused("Kafka takes no topic " + topic);
        }
        // Of an exception only the class: its message may quote settings, and some of them are secret.
        NotNowException why = new NotNowException(
                topic,
                "Kafka does not say how many partitions the topic " + topic + " has, which kafka.partition asks for ("
                        + cause.getClass().getSimpleName()
                        + "): see whether producer.override.* is right, and whether Kafka can be reached");
        failure = new Failure(why, clockNs.getAsLong());
        throw why;
    }

    private Answer missing(String topic) {
        OptionalInt created = creation.partitions(topic);
        return created.isPresent()
                ? new Answer(created.getAsInt(), "", true, clockNs.getAsLong())
                : refused("Kafka has no topic " + topic
                        + ", so that no partition of it can be chosen: create it, or set topic.creation.default.partitions"
                        + " and topic.creation.default.replication.factor so that Kafka Connect does");
    }

    private Answer refused(String sentence) {
        return new Answer(0, sentence, false, clockNs.getAsLong());
    }

    private synchronized Admin admin() {
        if (closed) {
            throw new IllegalStateException("the task has stopped");
        }
        Admin open = admin;
        if (open == null) {
            open = Admin.create(settings);
            admin = open;
        }
        return open;
    }

    /** Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        if (admin != null) {
            admin.close(Duration.ZERO);
            admin = null;
        }
    }
}
