package io.sluice.tools.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.kafka.KafkaView.OpenTransaction;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Which open transactions Kafka will never end. */
class HangingTest {

    @ParameterizedTest
    @EnumSource(
            value = TransactionState.class,
            mode = Mode.INCLUDE,
            names = {"EMPTY", "COMPLETE_ABORT", "COMPLETE_COMMIT"})
    void a_transaction_whose_coordinator_is_done_hangs(TransactionState state) {
        assertThat(KafkaExam.hanging(List.of(open(Optional.of(state.name()))))).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = TransactionState.class,
            mode = Mode.EXCLUDE,
            names = {"EMPTY", "COMPLETE_ABORT", "COMPLETE_COMMIT"})
    void a_transaction_that_kafka_still_works_on_is_left_alone(TransactionState state) {
        assertThat(KafkaExam.hanging(List.of(open(Optional.of(state.name()))))).isEmpty();
    }

    @Test
    void a_transaction_that_no_coordinator_knows_hangs() {
        assertThat(KafkaExam.hanging(List.of(open(Optional.empty())))).hasSize(1);
    }

    private static OpenTransaction open(Optional<String> state) {
        return new OpenTransaction(new TopicPartition("iot", 0), 7, state.map(any -> "connect-iot-0"), state);
    }
}
