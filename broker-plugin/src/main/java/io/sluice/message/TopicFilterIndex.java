package io.sluice.message;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds those of many {@linkplain TopicFilter topic filters} that match a topic: a tree of topic levels, so that the cost
 * follows the levels of the topic and the filters that match, not the filters there are. Immutable and thread-safe.
 *
 * @param <V> what is found
 */
public final class TopicFilterIndex<V> {

    private final Node<V> root = new Node<>();

    /** A level of filters that begin alike. */
    private static final class Node<V> {
        private final Map<String, Node<V>> literals = new HashMap<>();
        private @Nullable Node<V> anyLevel;

        /** Of filters that end with this level. */
        private final List<V> ends = new ArrayList<>();

        /** Of filters that end with {@code #} after this level. */
        private final List<V> endsWithAny = new ArrayList<>();

        Node<V> child(String level) {
            if (!level.equals("+")) {
                return literals.computeIfAbsent(level, any -> new Node<>());
            }
            Node<V> known = anyLevel;
            if (known == null) {
                known = new Node<>();
                anyLevel = known;
            }
            return known;
        }
    }

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
                index.add(filter.toString(), item);
            }
        }
        return index;
    }

    private void add(String filter, V item) {
        Node<V> node = root;
        for (int at = 0; at <= filter.length(); ) {
            int end = endOfLevel(filter, at);
            String level = filter.substring(at, end);
            if (level.equals("#")) {
                node.endsWithAny.add(item);
                return;
            }
            node = node.child(level);
            at = end + 1;
        }
        node.ends.add(item);
    }

    /** Whether any filter matches a topic. */
    public boolean matches(String topic) {
        boolean[] found = {false};
        forEachMatch(topic, item -> found[0] = true);
        return found[0];
    }

    /** Hands out what is found for a topic, once for each filter that matches it, in no particular order. */
    public void forEachMatch(String topic, Consumer<? super V> action) {
        // Level by level rather than by recursion: devices choose how many levels a topic has.
        List<Node<V>> reached = List.of(root);
        for (int at = 0; at <= topic.length() && !reached.isEmpty(); ) {
            int end = endOfLevel(topic, at);
            String level = topic.substring(at, end);
            boolean wildcards = at > 0 || !topic.startsWith("$"); // [MQTT-4.7.2-1]
            List<Node<V>> next = new ArrayList<>(2 * reached.size());
            for (Node<V> node : reached) {
                Node<V> literal = node.literals.get(level);
                if (literal != null) {
                    next.add(literal);
                }
                Node<V> any = node.anyLevel;
                if (wildcards && any != null) {
                    next.add(any);
                }
                if (wildcards) {
                    node.endsWithAny.forEach(action);
                }
            }
            reached = next;
            at = end + 1;
        }
        for (Node<V> node : reached) {
            node.ends.forEach(action);
            node.endsWithAny.forEach(action); // 'a/#' also matches its parent 'a' (MQTT 5 section 4.7.1.2)
        }
    }

    private static int endOfLevel(String text, int from) {
        int slash = text.indexOf('/', from);
        return slash < 0 ? text.length() : slash;
    }
}
