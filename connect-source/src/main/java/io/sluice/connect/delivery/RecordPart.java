package io.sluice.connect.delivery;

import io.sluice.connect.route.PayloadSplit;

/**
 * Which of a message's records one is, as source offsets have it: the name of its route and, where the route splits, the
 * number of the element. The order of these texts is the order in which the records are made, since {@code #} comes before
 * all characters that names of routes have.
 */
final class RecordPart {

    private static final char SEPARATOR = '#';

    /** So that the texts of all numbers are equally long. */
    private static final int BASE = 10 * PayloadSplit.MOST;

    private RecordPart() {}

    static String of(String route, int element) {
        return route + SEPARATOR + Integer.toString(BASE + element).substring(1);
    }

    /**
     * Whether a part is done when another is the last that is done. A route may split today that did not when it was
     * stored: then all of its elements are done. If it is the other way round, the message is handed over as a whole.
     */
    static boolean isDone(String part, String last) {
        if (last.startsWith(part + SEPARATOR)) {
            return false;
        }
        return part.compareTo(last) <= 0 || part.startsWith(last + SEPARATOR);
    }
}
