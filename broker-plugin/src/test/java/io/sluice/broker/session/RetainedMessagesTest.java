package io.sluice.broker.session;

import static io.sluice.broker.session.TestSessions.inHeap;
import static io.sluice.broker.session.TestSessions.publish;
import static io.sluice.broker.session.TestSessions.retained;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.message.TopicFilter;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetainedMessagesTest {

    private final SessionStore store = inHeap(new SessionLimits(10, 1_000, 1 << 20, 10, 100, 20, 5_000, 1 << 20));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a", "a/b", "a/#", "a/+", "a/b/#", "+/b", "#", "+/#", "a/+/c", "+", "/#", "/+", "$SYS/#", "$SYS/+",
                "a/b/", "a/b/+", "x", "x/#", "a-/#"
            })
    void a_filter_finds_what_it_matches_and_nothing_else(String text) {
        List<String> topics = List.of(
                "a", "a/b", "a/b/c", "a/b/c/d", "a/", "a/b/", "/", "/a", "a-", "a-/b", "b", "b/b", "$SYS/a", "$SYS",
                "a0", "ab");
        topics.forEach(topic -> store.retain(publish(topic, "x")));
        TopicFilter filter = TopicFilter.of(text);
        Stream<String> expected = topics.stream().filter(filter::matches);
        assertThat(retained(store, filter).map(StoredPublish::topic))
                .containsExactlyInAnyOrderElementsOf(expected.toList());
    }

    @Test
    void a_topic_keeps_its_last_message_until_an_empty_one_clears_it() {
        store.retain(publish("t", "one"));
        store.retain(publish("t", "two"));
        assertThat(retained(store, "t")).containsExactly("t=two");
        assertThat(store.stats().retainedMessages()).isEqualTo(1);
        assertThat(store.retain(publish("t", ""))).isTrue();
        assertThat(retained(store, "#")).isEmpty();
        assertThat(store.stats().retainedBytes()).isZero();
        assertThat(store.stats().storedBytes()).isZero();
    }

    @Test
    void an_expired_message_is_not_found() {
        store.retain(publish("late", "x", OptionalLong.of(System.currentTimeMillis() - 1)));
        store.retain(publish("fresh", "x", OptionalLong.of(System.currentTimeMillis() + 60_000)));
        assertThat(retained(store, "#")).containsExactly("fresh=x");
    }

    @Test
    void past_the_number_of_messages_a_new_topic_is_refused_and_an_old_one_is_not() {
        for (int i = 0; i < 20; i++) {
            assertThat(store.retain(publish("t/" + i, "x"))).isTrue();
        }
        assertThat(store.retain(publish("one/more", "x"))).isFalse();
        assertThat(store.retain(publish("t/1", "y"))).isTrue();
        assertThat(store.stats().refused()).containsEntry(Refusal.RETAINED_MESSAGES, 1L);
        store.retain(publish("t/2", ""));
        assertThat(store.retain(publish("one/more", "x"))).isTrue();
    }

    @Test
    void past_the_bytes_the_old_message_of_the_topic_stays() {
        assertThat(store.retain(publish("t", "small"))).isTrue();
        assertThat(store.retain(publish("t", "x".repeat(6_000)))).isFalse();
        assertThat(retained(store, "t")).containsExactly("t=small");
        assertThat(store.stats().refused()).containsEntry(Refusal.RETAINED_BYTES, 1L);
    }

    @Test
    void what_has_expired_makes_way_for_new_messages() {
        for (int i = 0; i < 20; i++) {
            store.retain(publish("t/" + i, "x", OptionalLong.of(System.currentTimeMillis() - 1)));
        }
        assertThat(store.retain(publish("one/more", "x"))).isTrue();
        assertThat(store.stats().retainedMessages()).isEqualTo(1);
    }
}
