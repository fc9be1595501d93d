package io.sluice.connect.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.UnmappableException;
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
    void a_condition_ends_however_much_a_device_sends() {
        String numbers = "[" + "1,".repeat(200_000) + "1]";

        assertThatThrownBy(() -> MessageFilter.of("json.all(x, x == 1)")
                        .matches(MessageBuilder.to("t").payload(numbers).fields()))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("cannot be evaluated");
    }
}
