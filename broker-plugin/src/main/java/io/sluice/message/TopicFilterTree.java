package io.sluice.message;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Values by {@linkplain TopicFilter topic filters}, one for each, as a tree of topic levels: what a search costs follows the
 * levels of the topic and the filters that match, not the filters there are. Levels that no filter needs any more are
 * removed. Thread-safe only for readers among themselves.
 *
 * @param <V> what a filter has
 */
public final class TopicFilterTree<V> {

    private static final String ANY_LEVEL = "+";
    private static final String ANY_LEVELS = "#";

    private final Node<V> root = new Node<>();

    /** A level of filters that begin alike. */
    private static final class Node<V> {
        private Map<String, Node<V>> literals = Map.of();
        private @Nullable Node<V> anyLevel;

        /** Of the filter that ends with this level. */
        private @Nullable V end;

        /** Of the filter that ends with {@code #} after this level. */
        private @Nullable V endWithAny;

        @Nullable
        Node<V> child(String level) {
            return level.equals(ANY_LEVEL) ? anyLevel : literals.get(level);
        }

        Node<V> childOrNew(String level) {
            Node<V> known = child(level);
            if (known != null) {
                return known;
            }
            Node<V> made = new Node<>();
            if (level.equals(ANY_LEVEL)) {
                anyLevel = made;
            } else {
                if (literals.isEmpty()) {
                    literals = new HashMap<>(2);
                }
                literals.put(level, made);
            }
            return made;
        }

        void removeChild(String level) {
            if (level.equals(ANY_LEVEL)) {
                anyLevel = null;
            } else {
                literals.remove(level);
                if (literals.isEmpty()) {
                    literals = Map.of();
                }
            }
        }

        boolean isUnused() {
            return literals.isEmpty() && anyLevel == null && end == null && endWithAny == null;
        }
    }

    private record Step<V>(Node<V> from, String level) {}

    /** What a filter has; if it has nothing yet, what is made now. */
    public V getOrMake(String filter, Supplier<V> make) {
        Node<V> node = root;
        for (String level : levels(filter)) {
            if (level.equals(ANY_LEVELS)) {
                V value = Objects.requireNonNullElseGet(node.endWithAny, make);
                node.endWithAny = value;
                return value;
            }
            node = node.childOrNew(level);
        }
        V value = Objects.requireNonNullElseGet(node.end, make);
        node.end = value;
        return value;
    }

    /** What a filter has, if it has anything; not what other filters that match it have. */
    public Optional<V> get(String filter) {
        Node<V> node = root;
        for (String level : levels(filter)) {
            if (level.equals(ANY_LEVELS)) {
                return Optional.ofNullable(node.endWithAny);
            }
            Node<V> next = node.child(level);
            if (next == null) {
                return Optional.empty();
            }
            node = next;
        }
        return Optional.ofNullable(node.end);
    }

    /** Whether no filter has anything. */
    public boolean isEmpty() {
        return root.isUnused();
    }

    /** Removes what a filter has. Does nothing if it has nothing. */
    public void remove(String filter) {
        Deque<Step<V>> way = new ArrayDeque<>();
        Node<V> node = root;
        boolean endsWithAny = false;
        for (String level : levels(filter)) {
            endsWithAny = level.equals(ANY_LEVELS);
            if (!endsWithAny) {
                Node<V> next = node.child(level);
                if (next == null) {
                    return;
                }
                way.push(new Step<>(node, level));
                node = next;
            }
        }
        if (endsWithAny) {
            node.endWithAny = null;
        } else {
            node.end = null;
        }
        while (node.isUnused() && !way.isEmpty()) {
            Step<V> step = way.pop();
            step.from.removeChild(step.level);
            node = step.from;
        }
    }

    /** Hands out what each filter has that matches a topic, in no particular order. */
    public void forEachMatch(String topic, Consumer<? super V> action) {
        // Level by level rather than by recursion: devices choose how many levels a topic has.
        List<Node<V>> reached = List.of(root);
        for (int at = 0; at <= topic.length() && !reached.isEmpty(); ) {
            int slash = topic.indexOf('/', at);
            String level = topic.substring(at, slash < 0 ? topic.length() : slash);
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
                    handOut(node.endWithAny, action);
                }
            }
            reached = next;
            at += level.length() + 1;
        }
        for (Node<V> node : reached) {
            handOut(node.end, action);
            handOut(node.endWithAny, action); // 'a/#' also matches its parent 'a' (MQTT 5 section 4.7.1.2)
        }
    }

    private static <V> void handOut(@Nullable V value, Consumer<? super V> action) {
        if (value != null) {
            action.accept(value);
        }
    }

    /** How many levels it consists of, where filters that begin alike share them. */
    public int levels() {
        int levels = 0;
        Deque<Node<V>> left = new ArrayDeque<>(List.of(root));
        while (!left.isEmpty()) {
            Node<V> node = left.pop();
            levels++;
            node.literals.values().forEach(left::push);
            if (node.anyLevel != null) {
                left.push(node.anyLevel);
            }
        }
        return levels - 1;
    }

    private static String[] levels(String filter) {
        return filter.split("/", -1);
    }
}
