package io.sluice.connect.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connect.MessageBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {

    private static final MessageFields FULL = MessageBuilder.to("sensors/7/temp")
            .from("c-1")
            .username("ann")
            .certificateName("device-7")
            .qos(2)
            .retained()
            .contentType("application/json")
            .property("site", "north")
            .property("site", "south")
            .payload("{\"device\":{\"id\":\"d9\",\"n\":12.50,\"on\":true,\"tags\":[1,\"a\"],\"gone\":null}}")
            .fields();

    @Test
    void a_dollar_sign_before_a_placeholder_is_a_mistake() {
        assertThatThrownBy(() -> Template.of("iot.${topic}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "${topic} is the syntax of Kafka Connect's config providers; a placeholder has no dollar sign,"
                                + " as in {topic}");
    }

    private static final MessageFields BARE =
            MessageBuilder.to("a//b").payload("no json").fields();

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "plain; plain",
                "{topic}; sensors/7/temp",
                "{topic[0]}; sensors",
                "{topic[1]}; 7",
                "{topic[2]}; temp",
                "{topic[-1]}; temp",
                "{topic[-3]}; sensors",
                "{clientId}; c-1",
                "{username}; ann",
                "{certificate.cn}; device-7",
                "{qos}; 2",
                "{retained}; true",
                "{contentType}; application/json",
                "{property.site}; south",
                "{json:/device/id}; d9",
                "{json:/device/n}; 12.50",
                "{json:/device/on}; true",
                "{json:/device/tags}; [1,\"a\"]",
                "{json:/device/tags/1}; a",
                "{timestamp:yyyy-MM-dd}; 2026-03-04",
                "{timestamp:HH:mm}; 05:06",
                "site.{topic[1]}.{clientId}-x; site.7.c-1-x",
                "{{topic}; {topic}",
                "a}b; a}b",
                "${{x}; ${x}",
                "{username|anonymous}; ann"
            })
    void a_placeholder_stands_for_what_the_message_has(String template, String rendered) {
        assertThat(Template.of(template).render(FULL)).isEqualTo(rendered);
        assertThat(Template.of(template).renderAll(FULL)).contains(rendered);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{username}",
                "{contentType}",
                "{property.site}",
                "{topic[3]}",
                "{topic[-4]}",
                "{topic[1]}",
                "{json:/device}"
            })
    void what_a_message_lacks_or_has_empty_is_left_empty_and_makes_the_text_incomplete(String template) {
        assertThat(Template.of("x" + template + "y").render(BARE)).isEqualTo("xy");
        assertThat(Template.of("x" + template + "y").renderAll(BARE)).isEmpty();
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = ';',
            value = {
                "{username|anonymous}; anonymous",
                "{certificate.cn|none}; none",
                "{json:/device/gone|none}; none",
                "{topic[1]|empty}; empty",
                "x{username|}; x",
                "{username|a|b}; a|b"
            })
    void a_default_stands_in_for_what_a_message_lacks(String template, String rendered) {
        assertThat(Template.of(template).renderAll(BARE)).contains(rendered);
    }

    @Test
    void an_unknown_placeholder_is_refused_in_a_sentence_that_names_the_known_ones() {
        assertThatThrownBy(() -> Template.of("iot.{tpoic}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "there is no placeholder {tpoic}; the placeholders are {topic}, {topic[N]}, {clientId}, {username}, {certificate.cn},"
                                + " {qos}, {retained}, {contentType}, {property.NAME}, {json:/POINTER},"
                                + " {whole:/POINTER}, {element}, {timestamp:PATTERN}; a brace is written {{");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "a{topic; the brace at character 2 is not closed",
                "{topic[x]}; is no level of the topic",
                "{topic[]}; is no level of the topic",
                "{property.}; {property.} lacks the name of a user property",
                "{json:device}; has no JSON pointer",
                "{timestamp:QQQQQQ}; has no pattern of a date or time",
                "{timestamp:}; has no pattern of a date or time",
                "{}; there is no placeholder {}"
            })
    void a_malformed_template_is_refused_in_a_sentence(String template, String sentence) {
        assertThatThrownBy(() -> Template.of(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void a_template_knows_whether_its_text_is_always_the_same() {
        assertThat(Template.of("").fixed()).contains("");
        assertThat(Template.of("iot").fixed()).contains("iot");
        assertThat(Template.of("{topic}").fixed()).isEmpty();
        assertThat(Template.of("iot{topic}").fixed()).isEmpty();
        assertThat(Template.of("iot{topic}").leadingLiteral()).contains("iot");
        assertThat(Template.of("{topic}.iot").leadingLiteral()).isEmpty();
    }
}
