package io.sluice.connect.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connect.MessageBuilder;
import io.sluice.connect.format.UnmappableException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaTopicTest {

    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource({
        "sensors/7/temp, iot.sensors.7.temp",
        "a b/ü/:, iot.a_b._._",
        "-_., iot.-_.",
        "../x, iot....x",
        "__consumer_offsets, iot.__consumer_offsets"
    })
    void slashes_become_dots_and_forbidden_characters_underscores(String mqttTopic, String kafkaTopic)
            throws UnmappableException {
        assertThat(topic("iot.{topic}").of(message(mqttTopic))).isEqualTo(kafkaTopic);
    }

    @Test
    void names_that_are_the_same_to_kafka_are_told_before_they_are_made() throws UnmappableException {
        KafkaTopic topic = topic("iot.{topic}");
        topic.of(message("a/b"));

        assertThatThrownBy(() -> topic.of(message("a_b")))
                .isInstanceOf(UnmappableException.class)
                .hasMessage(
                        "'iot.a_b', made from kafka.topic iot.{topic}, is the same as 'iot.a.b' to Kafka, which does not"
                                + " tell '.' and '_' apart: set kafka.topic.replacement to '-'");
        assertThat(topic.of(message("a/b"))).isEqualTo("iot.a.b");
    }

    @Test
    void a_replacement_keeps_names_apart() throws UnmappableException {
        KafkaTopic topic =
                new KafkaTopic(Template.of("iot.{topic}"), Optional.empty(), 10, Optional.of('-'), new KafkaNames());

        assertThat(topic.of(message("a/b ü"))).isEqualTo("iot.a-b--");
        assertThat(topic.of(message("a_b"))).isEqualTo("iot.a_b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"__consumer_offsets", "__x", "_/../_x", "//x"})
    void a_device_cannot_write_to_internal_topics(String mqttTopic) {
        KafkaTopic topic = new KafkaTopic(
                Template.of("{topic}"),
                Optional.of(Pattern.compile("[a-z].*")),
                10,
                Optional.empty(),
                new KafkaNames());

        assertThatThrownBy(() -> topic.of(message(mqttTopic))).isInstanceOf(UnmappableException.class);
    }

    @Test
    void an_internal_name_is_refused_even_if_the_pattern_allows_it() {
        KafkaTopic topic = new KafkaTopic(
                Template.of("{topic}"), Optional.of(Pattern.compile(".*")), 10, Optional.empty(), new KafkaNames());

        assertThatThrownBy(() -> topic.of(message("__consumer_offsets")))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("names that begin with '__' are Kafka's own");
        assertThatThrownBy(() -> topic.of(message("..")))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("Kafka does not take '..'");
        assertThatThrownBy(() -> topic.of(message("x".repeat(250))))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("it has 250 characters, and Kafka takes 249 at most");
    }

    @Test
    void a_literal_that_devices_could_extend_to_an_internal_name_does_not_help_them() {
        assertThatThrownBy(() -> topic("_{topic}").of(message("_secret")))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("Kafka's own");
    }

    @Test
    void a_template_must_begin_with_a_literal_unless_a_pattern_says_what_is_allowed() throws UnmappableException {
        assertThatThrownBy(() -> topic("{topic}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("begin with a literal, as in iot.{topic}");

        KafkaTopic topic = new KafkaTopic(
                Template.of("{topic[0]}"),
                Optional.of(Pattern.compile("plant|office")),
                10,
                Optional.empty(),
                new KafkaNames());
        assertThat(topic.of(message("plant/1"))).isEqualTo("plant");
        assertThatThrownBy(() -> topic.of(message("plants/1")))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("does not match kafka.topic.allow plant|office");
    }

    @Test
    void a_message_that_lacks_what_the_template_needs_has_no_topic() throws UnmappableException {
        assertThatThrownBy(() -> topic("iot.{username}").of(message("a")))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("no value for every placeholder of kafka.topic iot.{username}");
        assertThat(topic("iot.{username|anonymous}").of(message("a"))).isEqualTo("iot.anonymous");
    }

    @Test
    void no_more_topics_are_made_than_allowed_and_those_made_stay() throws UnmappableException {
        KafkaTopic topic =
                new KafkaTopic(Template.of("iot.{topic}"), Optional.empty(), 2, Optional.empty(), new KafkaNames());

        assertThat(topic.of(message("a"))).isEqualTo("iot.a");
        assertThat(topic.of(message("b"))).isEqualTo("iot.b");
        assertThatThrownBy(() -> topic.of(message("c")))
                .isInstanceOf(UnmappableException.class)
                .hasMessageContaining("kafka.topic.max.distinct 2");
        assertThat(topic.of(message("a"))).isEqualTo("iot.a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "__x", "a/b", "a b", "ü"})
    void a_fixed_name_must_be_one_that_kafka_takes(String name) {
        assertThatThrownBy(() -> topic(name)).isInstanceOf(IllegalArgumentException.class);
    }

    private static KafkaTopic topic(String template) {
        return new KafkaTopic(Template.of(template), Optional.empty(), 10, Optional.empty(), new KafkaNames());
    }

    private static MessageFields message(String mqttTopic) {
        return MessageBuilder.to(mqttTopic).fields();
    }
}
