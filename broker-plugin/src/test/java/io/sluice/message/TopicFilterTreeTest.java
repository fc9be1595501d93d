package io.sluice.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TopicFilterTreeTest {

    /** A filter, and whether it is added or removed. */
    record Change(String filter, boolean isAdded) {}

    @Property(tries = 2_000)
    void after_any_changes_it_finds_what_is_there_and_has_no_level_too_many(
            @ForAll("changes") List<Change> changes, @ForAll("topics") String topic) {
        TopicFilterTree<String> tree = new TopicFilterTree<>();
        Map<String, String> model = new HashMap<>();
        int number = 0;
        for (Change change : changes) {
            if (change.isAdded) {
                String value = "v" + number++;
                assertThat(tree.getOrMake(change.filter, () -> value))
                        .isEqualTo(model.computeIfAbsent(change.filter, any -> value));
            } else {
                tree.remove(change.filter);
                model.remove(change.filter);
            }
            assertThat(tree.get(change.filter)).isEqualTo(Optional.ofNullable(model.get(change.filter)));
        }

        List<String> found = new ArrayList<>();
        tree.forEachMatch(topic, found::add);
        assertThat(found)
                .containsExactlyInAnyOrderElementsOf(model.keySet().stream()
                        .filter(filter -> TopicFilter.of(filter).matches(topic))
                        .map(model::get)
                        .toList());

        TopicFilterTree<String> fresh = new TopicFilterTree<>();
        model.forEach((filter, value) -> fresh.getOrMake(filter, () -> value));
        assertThat(tree.levels()).isEqualTo(fresh.levels());
        List.copyOf(model.keySet()).forEach(tree::remove);
        assertThat(tree.levels()).isZero();
    }

    @Provide
    Arbitrary<List<Change>> changes() {
        return Combinators.combine(
                        joined(Arbitraries.of("a", "b", "", "$s", "+"), 3),
                        Arbitraries.of("", "/#"),
                        Arbitraries.of(true, true, false))
                .as((front, end, isAdded) -> new Change(front + end, isAdded))
                .filter(change -> !change.filter.isEmpty())
                .list()
                .ofMaxSize(30);
    }

    @Provide
    Arbitrary<String> topics() {
        return joined(Arbitraries.of("a", "b", "", "$s"), 4).filter(topic -> !topic.isEmpty());
    }

    private static Arbitrary<String> joined(Arbitrary<String> levels, int most) {
        return levels.list().ofMinSize(1).ofMaxSize(most).map(all -> String.join("/", all));
    }

    @Example
    void a_filter_of_very_many_levels_comes_and_goes() {
        String deep = "a/".repeat(30_000) + "#";
        TopicFilterTree<String> tree = new TopicFilterTree<>();
        tree.getOrMake(deep, () -> "x");
        assertThat(tree.levels()).isEqualTo(30_000);
        tree.remove("a/".repeat(20_000));
        assertThat(tree.get(deep)).contains("x");
        tree.remove(deep);
        assertThat(tree.levels()).isZero();
    }
}
