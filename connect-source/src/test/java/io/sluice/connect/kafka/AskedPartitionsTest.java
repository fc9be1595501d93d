package io.sluice.connect.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.connect.route.NotNowException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class AskedPartitionsTest {

    private static final List<String> TOPICS =
            IntStream.range(0, 1_000).mapToObj(i -> "t" + i).toList();

    private final AtomicLong now = new AtomicLong();
    private final SlowKafka kafka = new SlowKafka();

    private AskedPartitions asked(Map<String, String> creation) {
        return new AskedPartitions(Map.of(), TopicCreation.of(creation), settings -> kafka.admin(), now::get);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void after_a_question_without_an_answer_nobody_waits_for_another_one_for_a_second() {
        try (AskedPartitions asked = new AskedPartitions(
                Map.of("bootstrap.servers", "127.0.0.1:1"), TopicCreation.of(Map.of()), Admin::create, now::get)) {
            NotNowException first = catchThrowableOfType(NotNowException.class, () -> asked.learn("t", 1));
            NotNowException second = catchThrowableOfType(NotNowException.class, () -> asked.learn("other", 1));
            pass(Duration.ofSeconds(1));
            NotNowException third = catchThrowableOfType(NotNowException.class, () -> asked.learn("other", 1));

            assertThat(first).hasMessageContaining("Kafka does not say how many partitions the topic t has");
            assertThat(second).as("the same answer, without a question").isSameAs(first);
            assertThat(third).hasMessageContaining("Kafka does not say how many partitions the topic other has");
        }
    }

    @Test
    void of_many_topics_no_message_waits_while_kafka_is_asked_again() throws Exception {
        try (AskedPartitions asked = asked(Map.of())) {
            learnAll(asked);
            pass(Duration.ofSeconds(31));
            kafka.isPrompt = false;
            kafka.questions.clear();
            kafka.count = 7;

            learnAll(asked);
            learnAll(asked);
            assertThat(asked.of("t999")).as("what was known stays in force").isEqualTo(3);
            assertThat(kafka.questions)
                    .as("one question, for all of them")
                    .singleElement()
                    .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                    .containsExactlyInAnyOrderElementsOf(TOPICS);

            kafka.answer();
            learnAll(asked);
            for (String topic : TOPICS) {
                assertThat(asked.of(topic)).isEqualTo(7);
            }
            assertThat(kafka.questions).hasSize(1);
        }
    }

    @Test
    void a_question_that_fails_is_put_again_after_a_second_and_stops_no_message_before_a_minute() throws Exception {
        try (AskedPartitions asked = asked(Map.of())) {
            asked.learn("t", 1);
            pass(Duration.ofSeconds(31));
            kafka.failure = Optional.of(new TimeoutException("away"));
            asked.learn("t", 1);
            asked.learn("t", 1);
            assertThat(kafka.questions).hasSize(2);

            pass(Duration.ofSeconds(1));
            asked.learn("t", 1);
            assertThat(kafka.questions).hasSize(3);
            assertThat(asked.of("t")).isEqualTo(3);

            pass(Duration.ofSeconds(29));
            assertThatThrownBy(() -> asked.learn("t", 1)).isInstanceOf(NotNowException.class);
        }
    }

    @Test
    void what_is_known_of_a_topic_that_was_idle_is_asked_for_before_it_is_used() throws Exception {
        try (AskedPartitions asked = asked(Map.of())) {
            learnAll(asked);
            pass(Duration.ofHours(1));
            kafka.count = 2;
            kafka.questions.clear();

            learnAll(asked);
            for (String topic : TOPICS) {
                assertThat(asked.of(topic)).isEqualTo(2);
            }
            assertThat(kafka.questions)
                    .as("one for the first, one for the others")
                    .hasSize(2);
        }
    }

    @Test
    void topics_that_are_seldom_used_are_asked_for_together() throws Exception {
        try (AskedPartitions asked = asked(Map.of())) {
            learnAll(asked);
            for (int i = 0; i < 3; i++) {
                pass(Duration.ofMinutes(2));
                kafka.questions.clear();
                asked.learn("t" + i, 1);
                assertThat(kafka.questions).as("one for it, one for the others").hasSize(2);
            }
            learnAll(asked);
            assertThat(kafka.questions).hasSize(2);
        }
    }

    @Test
    void topics_that_are_missing_are_asked_for_together_each_second() throws Exception {
        kafka.failure = Optional.of(new UnknownTopicOrPartitionException());
        try (AskedPartitions asked = asked(
                Map.of("topic.creation.default.partitions", "4", "topic.creation.default.replication.factor", "1"))) {
            learnAll(asked);
            assertThat(asked.of("t7")).isEqualTo(4);
            kafka.failure = Optional.empty();
            kafka.questions.clear();
            pass(Duration.ofMillis(1_001));

            learnAll(asked);
            assertThat(asked.of("t7")).isEqualTo(3);
            assertThat(kafka.questions).hasSize(2);
        }
    }

    @Test
    void partitions_that_topics_do_not_have_are_asked_for_together_each_second() throws Exception {
        try (AskedPartitions asked = asked(Map.of())) {
            learnAll(asked, 9);
            kafka.questions.clear();
            pass(Duration.ofMillis(1_001));
            kafka.count = 9;

            learnAll(asked, 9);
            assertThat(asked.of("t7")).isEqualTo(9);
            assertThat(kafka.questions).hasSize(2);
        }
    }

    private static void learnAll(AskedPartitions asked) throws NotNowException {
        learnAll(asked, 1);
    }

    private static void learnAll(AskedPartitions asked, int atLeast) throws NotNowException {
        for (String topic : TOPICS) {
            asked.learn(topic, atLeast);
        }
    }

    /** A Kafka that answers when it is told to. */
    private static final class SlowKafka {

        private final List<List<String>> questions = new ArrayList<>();
        private final Map<String, KafkaFutureImpl<TopicDescription>> open = new TreeMap<>();
        private boolean isPrompt = true;
        private int count = 3;
        private Optional<RuntimeException> failure = Optional.empty();

        Admin admin() {
            return (Admin) Proxy.newProxyInstance(
                    Admin.class.getClassLoader(), new Class<?>[] {Admin.class}, (proxy, method, arguments) -> {
                        if (!method.getName().equals("describeTopics")) {
                            return null;
                        }
                        return ask(((Collection<?>) arguments[0])
                                .stream().map(String.class::cast).toList());
                    });
        }

        private DescribeTopicsResult ask(List<String> topics) {
            questions.add(topics);
            Map<String, KafkaFuture<TopicDescription>> answers = new TreeMap<>();
            for (String topic : topics) {
                KafkaFutureImpl<TopicDescription> answer = new KafkaFutureImpl<>();
                open.put(topic, answer);
                answers.put(topic, answer);
            }
            if (isPrompt) {
                answer();
            }
            return new Answers(answers);
        }

        void answer() {
            open.forEach((topic, answer) -> {
                if (failure.isPresent()) {
                    answer.completeExceptionally(failure.get());
                } else {
                    answer.complete(new TopicDescription(topic, false, partitions()));
                }
            });
            open.clear();
        }

        private List<TopicPartitionInfo> partitions() {
            List<Node> none = List.of();
            return Collections.nCopies(count, new TopicPartitionInfo(0, Node.noNode(), none, none));
        }
    }

    private static final class Answers extends DescribeTopicsResult {

        private Answers(Map<String, KafkaFuture<TopicDescription>> answers) {
            super(null, answers);
        }
    }
}
