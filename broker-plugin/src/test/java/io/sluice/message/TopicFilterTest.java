package io.sluice.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {

    @ParameterizedTest(name = "{0} matches {1}")
    @CsvSource({
        "a/b, a/b",
        "#, a",
        "#, a/b/c",
        "#, /",
        "a/#, a",
        "a/#, a/b/c",
        "a/#, a/",
        "+, a",
        "+/+, a/b",
        "+/+, /",
        "/+, /a",
        "a/+/c, a/b/c",
        "a/+/c, a//c",
        "a/+/#, a/b",
        "+/#, a",
        "+/b/#, a/b",
        "$SYS/#, $SYS/broker/load",
        "$SYS/+, $SYS/x",
        "温度/+, 温度/室内"
    })
    void a_filter_matches_the_topics_it_describes(String filter, String topic) {
        assertThat(TopicFilter.of(filter).matches(topic)).isTrue();
        assertThat(matchesBytes(filter, topic)).isTrue();
    }

    @ParameterizedTest(name = "{0} does not match {1}")
    @CsvSource({
        "a/b, a/b/c",
        "a/b, a",
        "a/b, A/b",
        "+, a/b",
        "+, /a",
        "a/+, a",
        "a/+, a/b/c",
        "a/#, ab",
        "a/#, b",
        "+/b/#, a/c",
        "a/+/#, a",
        "#, $SYS/broker",
        "+/broker, $SYS/broker",
        "温/+, 温度/室内",
        "+/#, $SYS/broker",
        "a/b/#, a"
    })
    void a_filter_does_not_match_other_topics(String filter, String topic) {
        assertThat(TopicFilter.of(filter).matches(topic)).isFalse();
        assertThat(matchesBytes(filter, topic)).isFalse();
    }

    /** As it lies among other bytes. */
    private static boolean matchesBytes(String filter, String topic) {
        byte[] utf8 = topic.getBytes(StandardCharsets.UTF_8);
        ByteBuffer in = ByteBuffer.wrap(("/" + topic + "/b").getBytes(StandardCharsets.UTF_8));
        return TopicFilter.of(filter).matches(in, 1, utf8.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/#/b", "a#", "#a", "a+", "+a", "a/b+/c", "a/+b", "$share/g/a", "a\0b"})
    void a_text_that_is_no_filter_is_refused_in_one_sentence_that_names_it(String text) {
        assertThatThrownBy(() -> TopicFilter.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not a topic filter: ");
    }
}
