package io.sluice.connect.delivery;

import io.sluice.buffer.record.Lanes;

/**
 * Finds out for which lanes Kafka Connect surely holds an offset. It never says so: it takes note of acknowledged records
 * before a poll, stores what it noted some time later, and calls {@code commit()} then and also when there was nothing to
 * store.
 *
 * <p>So a lane counts after a record of it was sent in a poll or before, another poll began (Kafka Connect has noted it), a
 * commit ended (the next one stores what was noted) and another commit ended (it is stored). A commit on the thread that
 * polls comes after a transaction, and stores all there is, or after the task's last poll: there Kafka Connect takes note
 * once more and stores that, while Kafka goes on to acknowledge. Thread-safe.
 */
final class OffsetCommits {

    private Lanes seen = Lanes.NONE;
    private Lanes noted = Lanes.NONE;
    private Lanes due = Lanes.NONE;
    private Lanes stored;

    OffsetCommits(Lanes stored) {
        this.stored = stored;
    }

    synchronized void polling() {
        noted = noted.or(seen);
    }

    synchronized void sent(Lanes lanes) {
        seen = lanes;
    }

    synchronized void committed() {
        stored = stored.or(due);
        due = noted;
    }

    /** The last commit of a task without transactions ended. */
    synchronized void committedLast() {
        stored = stored.or(seen);
    }

    /** The commit of a transaction ended, and records of these lanes were sent. */
    synchronized void committedAll(Lanes sent) {
        stored = stored.or(sent);
    }

    synchronized Lanes stored() {
        return stored;
    }
}
