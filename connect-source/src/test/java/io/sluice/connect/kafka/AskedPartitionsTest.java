package io.sluice.connect.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.connect.route.NotNowException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AskedPartitionsTest {

    @Test
    void after_a_question_without_an_answer_nobody_waits_for_another_one_at_once() {
        try (AskedPartitions asked =
                new AskedPartitions(Map.of("bootstrap.servers", "127.0.0.1:1"), TopicCreation.of(Map.of()))) {
            NotNowException first = catchThrowableOfType(NotNowException.class, () -> asked.learn("t", 1));
            long since = System.nanoTime();
            NotNowException second = catchThrowableOfType(NotNowException.class, () -> asked.learn("other", 1));
            Duration took = Duration.ofNanos(System.nanoTime() - since);

            assertThat(first).hasMessageContaining("Kafka does not say how many partitions the topic t has");
            assertThat(second).as("the same answer").isSameAs(first);
            assertThat(took).as("without a question").isLessThan(Duration.ofSeconds(1));
        }
    }
}
