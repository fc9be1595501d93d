package io.sluice.connect.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.connect.route.NotNowException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AskedPartitionsTest {

    @Test
    void after_a_question_without_an_answer_nobody_waits_for_another_one_for_a_second() {
        AtomicLong now = new AtomicLong();
        try (AskedPartitions asked =
                new AskedPartitions(Map.of("bootstrap.servers", "127.0.0.1:1"), TopicCreation.of(Map.of()), now::get)) {
            NotNowException first = catchThrowableOfType(NotNowException.class, () -> asked.learn("t", 1));
            NotNowException second = catchThrowableOfType(NotNowException.class, () -> asked.learn("other", 1));
            now.addAndGet(Duration.ofSeconds(1).toNanos());
            NotNowException third = catchThrowableOfType(NotNowException.class, () -> asked.learn("other", 1));

            assertThat(first).hasMessageContaining("Kafka does not say how many partitions the topic t has");
            assertThat(second).as("the same answer, without a question").isSameAs(first);
            assertThat(third).hasMessageContaining("Kafka does not say how many partitions the topic other has");
        }
    }
}
