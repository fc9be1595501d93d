package io.sluice.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class TopicFilterIndexTest {

    @Property(tries = 2_000)
    void it_finds_exactly_the_filters_that_match(
            @ForAll("filters") List<TopicFilter> filters, @ForAll("topics") String topic) {
        List<TopicFilter> matching =
                filters.stream().filter(filter -> filter.matches(topic)).toList();
        TopicFilterIndex<TopicFilter> index = TopicFilterIndex.of(filters);

        assertThat(found(index, topic)).containsExactlyInAnyOrderElementsOf(matching);
        assertThat(index.matches(topic)).isEqualTo(!matching.isEmpty());
    }

    /** Few different levels, so that filters and topics meet. */
    @Provide
    Arbitrary<List<TopicFilter>> filters() {
        Arbitrary<String> levels = Arbitraries.of("a", "b", "", "$s", "+");
        Arbitrary<TopicFilter> filters = Combinators.combine(
                        levels.list().ofMinSize(1).ofMaxSize(4), Arbitraries.of("", "/#"))
                .as((front, end) -> String.join("/", front) + end)
                .filter(text -> !text.isEmpty())
                .map(TopicFilter::of);
        return Arbitraries.frequencyOf(Tuple.of(20, filters), Tuple.of(1, Arbitraries.just(TopicFilter.of("#"))))
                .list()
                .ofMaxSize(12);
    }

    @Provide
    Arbitrary<String> topics() {
        return Arbitraries.of("a", "b", "", "$s", "c")
                .list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .map(levels -> String.join("/", levels))
                .filter(topic -> !topic.isEmpty());
    }

    @Example
    void an_item_is_found_once_for_each_of_its_filters_that_match() {
        TopicFilterIndex<String> index = TopicFilterIndex.of(
                List.of("x", "y"),
                item -> Stream.of("a/#", "+/b", item).map(TopicFilter::of).toList());

        assertThat(found(index, "a/b")).containsExactlyInAnyOrder("x", "x", "y", "y");
        assertThat(found(index, "y")).containsExactly("y");
    }

    @Example
    void a_topic_of_any_number_of_levels_is_looked_up() {
        String deep = String.join("/", Collections.nCopies(30_000, "a"));
        String wild = String.join("/", Collections.nCopies(30_000, "+"));

        assertThat(found(TopicFilterIndex.of(List.of(TopicFilter.of(wild), TopicFilter.of("a/#"))), deep))
                .hasSize(2);
    }

    @Example
    void one_of_very_many_filters_is_found() {
        List<TopicFilter> filters = IntStream.range(0, 10_000)
                .mapToObj(number -> TopicFilter.of("site/" + number + "/+/temp"))
                .toList();

        assertThat(found(TopicFilterIndex.of(filters), "site/7777/x/temp")).containsExactly(filters.get(7777));
    }

    private static <V> List<V> found(TopicFilterIndex<V> index, String topic) {
        List<V> found = new ArrayList<>();
        index.forEachMatch(topic, found::add);
        return found;
    }
}
