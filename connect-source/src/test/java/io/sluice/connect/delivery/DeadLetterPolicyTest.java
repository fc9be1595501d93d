package io.sluice.connect.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.buffer.record.StoredMessage;
import io.sluice.connect.MessageBuilder;
import io.sluice.connect.config.SourceConfig;
import io.sluice.connect.format.AliasNames;
import io.sluice.connect.format.MessageId;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.route.MessageFields;
import io.sluice.connect.telemetry.TaskEvents;
import io.sluice.message.Message;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLetterPolicyTest {

    @Test
    void what_a_device_has_written_adds_no_line_to_the_log_and_makes_none_long() {
        SourceConfig config = SourceConfig.of(Map.of("name", "mqtt", "buffer.storage", "memory"));
        DeadLetterPolicy refusals = new DeadLetterPolicy(
                Optional.empty(),
                Optional.empty(),
                Tolerance.NONE,
                new LossLog("mqtt", ErrorLog.SUMMARY, TaskEvents.of("mqtt", 0)));
        Message message = MessageBuilder.to("t").build();
        StoredMessage stored = new StoredMessage(7, 0, message);

        assertThatThrownBy(() -> refusals.refused(
                        stored,
                        new MessageFields(message, new MessageId("buffer", 7), AliasNames.NONE),
                        config.routes().takers("t").get(0),
                        new UnmappableException("it is\nERROR " + "x".repeat(1_000_000))))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("cannot be mapped by route default: it is?ERROR xxx")
                .message()
                .hasSizeLessThan(20_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0085", "\u2028", "\u2029", "\u009b", "\u202e", "\u2066"})
    void what_a_device_has_written_begins_no_line_of_a_log_and_changes_the_look_of_none(String invisible) {
        SourceConfig config = SourceConfig.of(Map.of("name", "mqtt", "buffer.storage", "memory"));
        DeadLetterPolicy refusals = new DeadLetterPolicy(
                Optional.empty(),
                Optional.empty(),
                Tolerance.NONE,
                new LossLog("mqtt", ErrorLog.SUMMARY, TaskEvents.of("mqtt", 0)));
        Message message = MessageBuilder.to("a" + invisible + "b")
                .from("c" + invisible + "d")
                .build();

        assertThatThrownBy(() -> refusals.refused(
                        new StoredMessage(7, 0, message),
                        new MessageFields(message, new MessageId("buffer", 7), AliasNames.NONE),
                        config.routes().takers("t").get(0),
                        new UnmappableException("it is" + invisible + "ERROR")))
                .isInstanceOf(ConnectException.class)
                .hasMessageStartingWith("The message at position 7, published to a?b by client c?d, cannot be mapped by"
                        + " route default: it is?ERROR.");
    }

    private static Stream<Exception> causes() {
        return Stream.of(
                new UnmappableException("it is\nERROR forged"),
                new IllegalStateException("it is\nERROR forged", new IllegalArgumentException("since\nERROR forged")));
    }

    @ParameterizedTest
    @MethodSource("causes")
    void what_a_device_has_written_begins_no_line_of_the_trace_that_kafka_connect_logs(Exception cause) {
        SourceConfig config = SourceConfig.of(Map.of("name", "mqtt", "buffer.storage", "memory"));
        DeadLetterPolicy refusals = new DeadLetterPolicy(
                Optional.empty(),
                Optional.empty(),
                Tolerance.NONE,
                new LossLog("mqtt", ErrorLog.SUMMARY, TaskEvents.of("mqtt", 0)));
        Message message = MessageBuilder.to("t").build();
        ConnectException thrown = catchThrowableOfType(
                ConnectException.class,
                () -> refusals.refused(
                        new StoredMessage(7, 0, message),
                        new MessageFields(message, new MessageId("buffer", 7), AliasNames.NONE),
                        config.routes().takers("t").get(0),
                        cause));
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));

        assertThat(trace.toString().lines())
                .noneMatch(line -> line.startsWith("ERROR"))
                .anyMatch(line -> line.startsWith("Caused by: ") && line.endsWith("it is?ERROR forged"));
    }

    @Test
    void the_words_of_an_unexpected_exception_are_not_in_what_the_task_says_as_they_may_quote_the_payload() {
        SourceConfig config = SourceConfig.of(Map.of("name", "mqtt", "buffer.storage", "memory"));
        DeadLetterPolicy refusals = new DeadLetterPolicy(
                Optional.empty(),
                Optional.empty(),
                Tolerance.NONE,
                new LossLog("mqtt", ErrorLog.SUMMARY, TaskEvents.of("mqtt", 0)));
        Message message = MessageBuilder.to("t").payload("a secret").build();
        StoredMessage stored = new StoredMessage(7, 0, message);

        assertThatThrownBy(() -> refusals.refused(
                        stored,
                        new MessageFields(message, new MessageId("buffer", 7), AliasNames.NONE),
                        config.routes().takers("t").get(0),
                        new IllegalStateException("cannot read 'a secret'")))
                .isInstanceOf(ConnectException.class)
                .hasMessageStartingWith("The message at position 7, published to t by client client-1, cannot be mapped"
                        + " by route default: java.lang.IllegalStateException.")
                .message()
                .doesNotContain("a secret");
    }
}
