package io.sluice.message;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Finds those of many {@linkplain TopicFilter topic filters} that match a topic. Immutable and thread-safe.
 *
 * @param <V> what is found
 */
public final class TopicFilterIndex<V> {

    private final TopicFilterTree<List<V>> tree = new TopicFilterTree<>();

    private TopicFilterIndex() {}

    /** An index that finds the filters themselves. */
    public static TopicFilterIndex<TopicFilter> of(Collection<TopicFilter> filters) {
        return of(filters, List::of);
    }

    /** An index that finds items by the filters that each of them has. */
    public static <V> TopicFilterIndex<V> of(
            Collection<V> items, Function<V, ? extends Collection<TopicFilter>> filtersOf) {
        TopicFilterIndex<V> index = new TopicFilterIndex<>();
        for (V item : items) {
            for (TopicFilter filter : filtersOf.apply(item)) {
                index.tree.getOrMake(filter.toString(), ArrayList::new).add(item);
            }
        }
        return index;
    }

    public boolean matches(String topic) {
        boolean[] found = {false};
        forEachMatch(topic, item -> found[0] = true);
        return found[0];
    }

    /** Hands out what is found for a topic, once for each filter that matches it, in no particular order. */
    public void forEachMatch(String topic, Consumer<? super V> action) {
        tree.forEachMatch(topic, items -> items.forEach(action));
    }
}
