package io.sluice.buffer;

import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.Lanes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The appends that wait until Kafka has their messages. Those that wait for the same lanes stand in one queue, so that a
 * message that is not in Kafka holds up no other lane, and only the heads need to be looked at. Not thread-safe.
 */
final class Undelivered {

    private final Map<Lanes, Deque<Group.Waiting>> queues = new HashMap<>();
    private int size;

    void add(Group.Waiting append) {
        queues.computeIfAbsent(append.lanes(), lanes -> new ArrayDeque<>()).add(append);
        size++;
    }

    int size() {
        return size;
    }

    /**
     * Takes out those whose turn has come.
     *
     * @param delivered by lane, the last position that all who want messages delivered have acknowledged
     * @param action hears of each of them; must not fail
     */
    void release(LanePositions delivered, Consumer<Group.Waiting> action) {
        for (Iterator<Map.Entry<Lanes, Deque<Group.Waiting>>> each =
                        queues.entrySet().iterator();
                each.hasNext(); ) {
            Map.Entry<Lanes, Deque<Group.Waiting>> entry = each.next();
            Deque<Group.Waiting> queue = entry.getValue();
            long last = delivered.lowest(entry.getKey());
            for (Group.Waiting next = queue.peek(); next != null && next.last() <= last; next = queue.peek()) {
                queue.remove();
                size--;
                action.accept(next);
            }
            if (queue.isEmpty()) {
                each.remove();
            }
        }
    }

    /** Takes out all of them, by rising position. */
    List<Group.Waiting> takeAll() {
        List<Group.Waiting> all = new ArrayList<>(size);
        queues.values().forEach(all::addAll);
        all.sort(Comparator.comparingLong(Group.Waiting::last));
        queues.clear();
        size = 0;
        return all;
    }
}
