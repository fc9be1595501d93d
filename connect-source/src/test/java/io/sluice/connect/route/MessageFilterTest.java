package io.sluice.connect.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.UnmappableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageFilterTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\0',
            value = {
                "topic == 'plant/7/temp'; true",
                "topic.startsWith('plant/') && qos > 0; true",
                "topic.matches('^plant/[0-9]+/.*'); true",
                "levels[1] == '7' && levels.size() == 3; true",
                "clientId == 'client-1' || retained; true",
                "username == ''; true",
                "contentType == 'application/json'; true",
                "properties['site'] == 'north'; true",
                "'floor' in properties; false",
                "json.temp > 20; true",
                "json.temp >= 21.5 && json.temp <= 21.5; true",
                "json.tags.exists(tag, tag == 'b'); true",
                "json.nothing == null; true",
                "has(json.none) && json.none > 1; false",
                "json.name.size() == 1 && json.on; true",
                "json.count == 3; true",
                "receivedAtMs > 1700000000000; true"
            })
    void a_condition_is_true_or_false(String expression, boolean wanted) throws UnmappableException {
        assertThat(MessageFilter.of(expression)
                        .matches(MessageBuilder.to("plant/7/temp")
                                .contentType("application/json")
                                .property("site", "south")
                                .property("site", "north")
                                .payload("{\"temp\":21.50,\"tags\":[\"a\",\"b\"],\"nothing\":null,\"name\":\"ü\","
                                        + "\"on\":true,\"count\":3}")
                                .fields()))
                .isEqualTo(wanted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "json.temp > 20",
                "properties['site'] == 'x'",
                "levels[3] == 'a'",
                "int(topic) > 1",
                "json.a / 0 > 1"
            })
    void a_message_that_lacks_what_is_asked_for_cannot_be_mapped(String expression) {
        assertThatThrownBy(() -> MessageFilter.of(expression)
                        .matches(MessageBuilder.to("t").payload("{\"a\":1}").fields()))
                .isInstanceOf(UnmappableException.class)
                .hasMessageStartingWith("its filter " + expression + " cannot be evaluated: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "topik == 'a'", "topic + 1 > 2", "topic", "json.temp >", "java.lang.System.exit(1)"})
    void what_is_no_condition_is_refused(String expression) {
        assertThatThrownBy(() -> MessageFilter.of(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("it is not a condition in CEL: ");
    }

    @Test
    void a_condition_that_reads_the_payload_in_a_loop_costs_the_message_and_no_time() throws UnmappableException {
        MessageFilter filter = MessageFilter.of("json.list.exists(x, x > json.limit)");
        String list = "{\"limit\":1,\"list\":[" + "0,".repeat(9_000) + "0]";

        assertThatThrownBy(() -> assertTimeoutPreemptively(
                        Duration.ofSeconds(30),
                        () -> filter.matches(MessageBuilder.to("t")
                                .payload(list + ",\"rest\":[" + "0,".repeat(90_000) + "0]}")
                                .fields())))
                .isInstanceOf(UnmappableException.class)
                .hasMessageStartingWith(
                        "its filter json.list.exists(x, x > json.limit) names json or properties in a loop");
        assertThat(filter.matches(MessageBuilder.to("t")
                        .payload("{\"limit\":1,\"list\":[" + "0,".repeat(2_000) + "2]}")
                        .fields()))
                .isTrue();
    }

    @Test
    void a_payload_that_is_nested_too_deeply_for_a_condition_costs_the_message_and_no_more()
            throws UnmappableException {
        MessageFilter filter = MessageFilter.of("json.now != json.before");
        assertThat(filter.matches(nested(3))).isFalse();
        MessageFields deep = nested(990);
        CompletableFuture<Boolean> wanted = new CompletableFuture<>();
        Thread withLittleStack = new Thread(
                null,
                () -> {
                    try {
                        wanted.complete(filter.matches(deep));
                    } catch (UnmappableException | RuntimeException | Error e) {
                        wanted.completeExceptionally(e);
                    }
                },
                "filter",
                256 << 10);
        withLittleStack.start();

        assertThatThrownBy(() -> wanted.get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(UnmappableException.class)
                .hasMessage("its filter json.now != json.before cannot be evaluated: the payload is nested too deeply");
    }

    /** A message in which two equal values have so many levels. */
    private static MessageFields nested(int levels) {
        String value = "[".repeat(levels) + "1" + "]".repeat(levels);
        return MessageBuilder.to("t")
                .payload("{\"now\":" + value + ",\"before\":" + value + "}")
                .fields();
    }

    @Test
    void a_condition_ends_however_much_a_device_sends() {
        String numbers = "[" + "1,".repeat(200_000) + "1]";

        assertThatThrownBy(() -> MessageFilter.of("json.all(x, x == 1)")
                        .matches(MessageBuilder.to("t").payload(numbers).fields()))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("cannot be evaluated");
    }
}
