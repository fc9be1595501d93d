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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks Kafka how many partitions topics have, when that has to be known. After half a minute it asks again, for all
 * topics whose time it is together, and what was known stays in force meanwhile, for a minute at most. A topic that is
 * missing is taken to have as many as Kafka Connect would create; as a worker may be told not to create topics, and
 * Kafka may create them by itself, it is asked for again every second. For one thread, but for {@link #close}.
 */
public final class AskedPartitions implements PartitionCounts, AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final long FRESH_NS = Duration.ofSeconds(30).toNanos();

    /** A topic that was idle may have been made again with fewer partitions, for which a producer would wait for ever. */
    private static final long LONGEST_IN_FORCE_NS = Duration.ofMinutes(1).toNanos();

    /**
     * Topics are created, and grow. A device that names partitions that do not exist costs one question in this time.
     */
    private static final long FRESH_SHORTLY_NS = Duration.ofSeconds(1).toNanos();

    /** After a question without an answer, and between two that nobody waits for. */
    private static final long PAUSE_NS = Duration.ofSeconds(1).toNanos();

    private final Map<String, Object> settings;
    private final TopicCreation creation;
    private final Function<Map<String, Object>, Admin> opener;
    private final LongSupplier clockNs;
    private final Map<String, Topic> topics = new HashMap<>();
    private long refreshedNs;
    private @Nullable Admin admin;
    private @Nullable Failure failure;
    private boolean closed;

    /**
     * @param settings of an admin client of the Kafka that records go to
     * @param creation how topics that are missing are created
     */
    public AskedPartitions(Map<String, Object> settings, TopicCreation creation) {
        this(settings, creation, Admin::create, System::nanoTime);
    }

    /**
     * @param opener makes an admin client of settings
     * @param clockNs tells the time, as {@link System#nanoTime} does
     */
    AskedPartitions(
            Map<String, Object> settings,
            TopicCreation creation,
            Function<Map<String, Object>, Admin> opener,
            LongSupplier clockNs) {
        this.opener = opener;
        this.clockNs = clockNs;
        this.settings = new HashMap<>(settings);
        this.settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(LIMIT.toMillis()));
        this.settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(LIMIT.toMillis()));
        this.settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "sluice-partitions");
        this.settings.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        this.creation = creation;
        this.refreshedNs = clockNs.getAsLong() - PAUSE_NS;
    }

    /**
     * A question without an answer; further ones wait for a moment, so that many buffers do not wait one after the
     * other.
     */
    private record Failure(NotNowException why, long ns) {}

    /**
     * @param refusal why there is no count; empty: there is one
     * @param isAssumed whether the topic is missing
     * @param ns when it came
     */
    private record Answer(int count, String refusal, boolean isAssumed, long ns) {}

    private static final class Topic {

        private @Nullable Answer known;
        private @Nullable CompletableFuture<Answer> next;

        /** Whether more partitions were wanted than are known. */
        private boolean isLacking;

        /** An answer that has come is known from now on; one that failed leaves what was known. */
        void takeUp() {
            CompletableFuture<Answer> asked = next;
            if (asked != null && asked.isDone()) {
                next = null;
                if (!asked.isCompletedExceptionally()) {
                    know(asked.join());
                }
            }
        }

        void know(Answer answer) {
            known = answer;
            isLacking = false;
        }

        void want(int partitions) {
            isLacking |= known != null && known.count() < partitions;
        }
    }

    @Override
    public void learn(String topic, int atLeast) throws NotNowException {
        Topic found = topics.computeIfAbsent(topic, of -> new Topic());
        found.takeUp();
        Answer known = found.known;
        found.want(atLeast);
        if (known == null || age(known) > LONGEST_IN_FORCE_NS || isUncertain(found, known)) {
            waitFor(topic, found);
            found.want(atLeast);
        } else if (age(known) > FRESH_NS) {
            refresh();
        }
    }

    @Override
    public int of(String topic) throws UnmappableException {
        Topic found = topics.get(topic);
        Answer answer = found == null ? null : found.known;
        if (answer == null) {
            throw new IllegalStateException("nobody has asked for the partitions of " + topic);
        }
        if (!answer.refusal().isEmpty()) {
            throw new UnmappableException(answer.refusal());
        }
        return answer.count();
    }

    private long age(Answer answer) {
        return clockNs.getAsLong() - answer.ns();
    }

    private boolean isUncertain(Topic topic, Answer known) {
        return (known.isAssumed() || topic.isLacking) && age(known) > FRESH_SHORTLY_NS;
    }

    private boolean isDue(Topic topic) {
        Answer known = topic.known;
        return known != null && topic.next == null && (age(known) > FRESH_NS || isUncertain(topic, known));
    }

    /** Asks for all topics whose time it is, so that few of them have to be waited for. Does not wait. */
    private void refresh() {
        if (clockNs.getAsLong() - refreshedNs < PAUSE_NS) {
            return;
        }
        refreshedNs = clockNs.getAsLong();
        topics.values().forEach(Topic::takeUp);
        List<String> due = topics.entrySet().stream()
                .filter(topic -> isDue(topic.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        if (!due.isEmpty()) {
            ask(due).forEach((topic, answer) -> Objects.requireNonNull(topics.get(topic)).next = answer);
        }
    }

    private void waitFor(String topic, Topic found) throws NotNowException {
        Failure before = failure;
        if (before != null && clockNs.getAsLong() - before.ns() < PAUSE_NS) {
            throw before.why();
        }
        CompletableFuture<Answer> running = found.next;
        CompletableFuture<Answer> answer =
                running == null ? Objects.requireNonNull(ask(List.of(topic)).get(topic)) : running;
        found.next = answer;
        refresh();
        Throwable cause;
        try {
            found.know(answer.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS));
            failure = null;
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cause = e;
        } catch (ExecutionException | TimeoutException e) {
            cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        } finally {
            found.next = null;
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

    private Map<String, CompletableFuture<Answer>> ask(List<String> asked) {
        Map<String, CompletableFuture<Answer>> answers = new HashMap<>();
        try {
            admin().describeTopics(asked)
                    .topicNameValues()
                    .forEach((topic, described) -> answers.put(
                            topic,
                            described
                                    .toCompletionStage()
                                    .handle((description, error) -> answer(topic, description, error))
                                    .toCompletableFuture()));
        } catch (RuntimeException e) {
            asked.forEach(topic -> answers.put(topic, CompletableFuture.failedFuture(e)));
        }
        return answers;
    }

    /** On a thread of the admin client. */
    private Answer answer(String topic, @Nullable TopicDescription description, @Nullable Throwable error) {
        if (description != null) {
            return new Answer(description.partitions().size(), "", false, clockNs.getAsLong());
        }
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
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
        throw new CompletionException(cause);
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
            open = opener.apply(settings);
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
