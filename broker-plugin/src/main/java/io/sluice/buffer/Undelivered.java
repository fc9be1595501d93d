package io.sluice.buffer;

import io.sluice.buffer.Group.Delivery;
import io.sluice.buffer.consumer.Delivered;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The appends that wait until Kafka has their messages. Those that wait for the same consumers in the same lanes stand in one
 * queue: so a message that is not in Kafka holds up no other lane, a consumer that stands still holds up only what it wants,
 * and only the heads need to be looked at. Not thread-safe.
 */
final class Undelivered {

    private final Map<Delivery, Deque<Group.Waiting>> queues = new HashMap<>();
    private int size;

    void add(Group.Waiting append) {
        queues.computeIfAbsent(append.delivery(), delivery -> new ArrayDeque<>())
                .add(append);
        size++;
    }

    int size() {
        return size;
    }

    /**
     * Takes out those whose turn has come.
     *
     * @param action hears of each of them; must not fail
     */
    void release(Delivered delivered, Consumer<Group.Waiting> action) {
        queues.forEach((delivery, queue) -> {
            long last = delivered.last(delivery.consumers(), delivery.lanes());
            for (Group.Waiting next = queue.peek(); next != null && next.last() <= last; next = queue.peek()) {
                queue.remove();
                size--;
                action.accept(next);
            }
        });
        queues.values().removeIf(Deque::isEmpty);
    }

    /** The queues themselves, for whoever tells all who are left that they wait in vain. */
    Collection<Deque<Group.Waiting>> queues() {
        return queues.values();
    }
}
