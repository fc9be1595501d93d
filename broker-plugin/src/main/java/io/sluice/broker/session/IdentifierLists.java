package io.sluice.broker.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The lists of subscription identifiers that queued messages have, each kept once under a number as long as it is used:
 * there are many messages and few lists. Guarded by the store's lock.
 */
final class IdentifierLists {

    static final int NONE = 0;

    private static final class Shared {
        private final List<Integer> list;
        private final int number;
        private int uses;

        Shared(List<Integer> list, int number) {
            this.list = list;
            this.number = number;
        }
    }

    private final Map<List<Integer>, Shared> byList = new HashMap<>();
    private final List<Shared> byNumber = new ArrayList<>(List.of(new Shared(List.of(), NONE)));
    private final Deque<Integer> free = new ArrayDeque<>();

    /** The number of a list, used once more. */
    int use(List<Integer> list) {
        if (list.isEmpty()) {
            return NONE;
        }
        Shared known = byList.get(list);
        if (known == null) {
            List<Integer> copy = List.copyOf(list);
            Integer reused = free.poll();
            known = new Shared(copy, reused == null ? byNumber.size() : reused);
            if (reused == null) {
                byNumber.add(known);
            } else {
                byNumber.set(known.number, known);
            }
            byList.put(copy, known);
        }
        known.uses++;
        return known.number;
    }

    List<Integer> get(int number) {
        return byNumber.get(number).list;
    }

    void release(int number) {
        if (number == NONE) {
            return;
        }
        Shared known = byNumber.get(number);
        known.uses--;
        if (known.uses == 0) {
            byList.remove(known.list);
            free.push(number);
        }
    }
}
