package io.sluice.connect.delivery;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.consumer.Doubt;
import io.sluice.buffer.record.Lanes;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the record that Kafka Connect cannot get rid of. Kafka Connect stops a task that fails and does not say at which
 * record, nor that it failed at all.
 *
 * <p>When a task ends, the records that were {@linkplain Delivery#isTaken taken} and are not settled are in doubt. After
 * the next start what was on its way then goes out one record at a time. A record that is the only one in doubt is
 * suspected, and each such end of the task speaks against it:
 *
 * <ul>
 *   <li>One end is enough if it came at once, Kafka Connect never polled again after it had taken the record, and Kafka had
 *       acknowledged others: a transformation, a converter or the producer refused it on the spot.
 *   <li>Two in succession are enough if they came soon after Kafka Connect had taken the record. One is not: it may have been
 *       about no record. Another generation of tasks has fenced the producer, Kafka has aborted its transaction or lets
 *       nobody in any more, or somebody has stopped worker and Kafka at the same time.
 *   <li>Four in succession are enough if they came later: Kafka may have been away.
 * </ul>
 *
 * <p>A record that Kafka takes is suspected no longer, also where a crash then makes it be sent again. A crash speaks against
 * nobody, since a process that was killed writes nothing. What is in doubt is kept by the buffer,
 * and in this process where its broker is away when a task ends ({@link UntoldDoubts}).
 *
 * <p>Thread-safe; {@link #polling} and {@link #conclude} are for the thread that polls.
 */
final class Suspicion {

    /** From this score on a record is the culprit. */
    static final int PROVEN = 4;

    private static final int WEAK = 1;
    private static final int MEDIUM = 2;

    /** A refusal comes sooner than that after Kafka Connect has taken a record; a timeout does not. */
    private static final long SOON_NS = Duration.ofSeconds(2).toNanos();

    /** Kafka Connect polls once, perhaps twice, before it sees a refusal; while Kafka is away it goes on for a second or more. */
    private static final long SOON_AMID_POLLS_NS = Duration.ofMillis(750).toNanos();

    /** The same with the time that Kafka Connect waits for records on their way before it stops a task. */
    private static final long SOON_WITH_WAIT_NS = Duration.ofSeconds(10).toNanos();

    private final String connector;
    private final Attachment buffer;
    private final Doubt before;

    private Doubt last;
    private Lanes refused;
    private long lastPollNs = System.nanoTime();
    private volatile boolean isCleared;
    private volatile boolean heardOfKafka;
    private volatile boolean transactional;
    private volatile @Nullable Thread poller;

    Suspicion(String connector, Attachment buffer) {
        this.connector = connector;
        this.buffer = buffer;
        this.before = UntoldDoubts.before(connector, buffer);
        this.last = before;
        this.refused = before.refused();
    }

    /** Reading has begun: from now on the buffer keeps what is in doubt, and may not know all of it. */
    synchronized void begun() {
        if (!buffer.doubt().equals(before)) {
            remember(before);
        }
    }

    /** Lanes in which Kafka Connect may count a message as done that is not in Kafka in any form. */
    Lanes refusedBefore() {
        return before.refused();
    }

    boolean isCareful(long position) {
        return position < before.until();
    }

    boolean isCulprit(long position, int part) {
        return before.score() >= PROVEN && before.position() == position && before.part() == part;
    }

    boolean isDeadLetterRefused() {
        return before.score() >= 2 * PROVEN;
    }

    void polling() {
        poller = Thread.currentThread();
        lastPollNs = System.nanoTime();
    }

    /** Kafka has acknowledged a record: in a transaction, if it says so on the thread that polls. */
    void arrived(Delivery delivery) {
        if (!heardOfKafka) {
            transactional = Thread.currentThread().equals(poller);
            heardOfKafka = true;
        }
        if (isSuspect(delivery) && before.score() < PROVEN) {
            isCleared = true; // and remembered by the thread that polls: this one may be the producer's
        }
    }

    private boolean isSuspect(Delivery delivery) {
        return before.position() == delivery.position() && before.part() == delivery.part();
    }

    /** What was in doubt at the start, as far as this task has not learnt better. */
    private Doubt inDoubtStill() {
        return isCleared
                ? new Doubt(before.until(), -1, 0, 0, refused)
                : new Doubt(before.until(), before.position(), before.part(), before.score(), refused);
    }

    /** Whether records are surely not in transactions, so that each is reported at once. */
    boolean isAtLeastOnce() {
        return heardOfKafka && !transactional;
    }

    /** Kafka Connect counts a message of a lane as done, and it is in Kafka in no form. */
    synchronized void refused(int lane) {
        if (!refused.contains(lane)) {
            refused = refused.with(lane);
            remember(inDoubtStill());
        }
    }

    /** All messages that were handed over are in Kafka, or nowhere because that is wanted. */
    synchronized void allSettledIf(boolean settled, long frontier) {
        if (!settled) {
            return;
        }
        boolean passed = !before.equals(Doubt.NONE) && !isCareful(frontier);
        boolean learnt = isCleared && last.position() >= 0;
        if (!refused.equals(Lanes.NONE) || learnt || (passed && !last.equals(Doubt.NONE))) {
            refused = Lanes.NONE;
            remember(passed ? Doubt.NONE : inDoubtStill());
        }
    }

    synchronized void conclude(List<Delivery> inDoubt, long frontier) {
        if (inDoubt.isEmpty()) {
            if (!isCareful(frontier)) {
                remember(new Doubt(0, -1, 0, 0, refused));
            } else if (isCleared) {
                remember(inDoubtStill());
            }
            return;
        }
        long last = inDoubt.stream().mapToLong(Delivery::position).max().orElseThrow();
        long until = Math.max(before.until(), last + 1);
        if (inDoubt.size() > 1) {
            remember(new Doubt(until, -1, 0, 0, refused));
            return;
        }
        Delivery suspect = inDoubt.get(0);
        int score = evidence(suspect) + (isSuspect(suspect) ? before.score() : 0);
        remember(new Doubt(until, suspect.position(), suspect.part(), score, refused));
    }

    private int evidence(Delivery suspect) {
        boolean polledSince = lastPollNs - suspect.takenNs() > 0;
        long after = (polledSince ? lastPollNs : System.nanoTime()) - suspect.takenNs();
        // With exactly-once there is no poll before the transaction has ended, so that its absence proves nothing.
        if (!polledSince && !transactional && heardOfKafka && after <= SOON_NS) {
            return PROVEN;
        }
        return after <= soonNs(polledSince) ? MEDIUM : WEAK;
    }

    private long soonNs(boolean polledSince) {
        if (polledSince) {
            return SOON_AMID_POLLS_NS;
        }
        // Without exactly-once Kafka Connect waits for records on their way before it stops a task that has failed. A
        // task that has not heard of Kafka at all may have been stopped because Kafka was away: there the wait proves
        // nothing.
        return heardOfKafka && !transactional ? SOON_WITH_WAIT_NS : SOON_NS;
    }

    private void remember(Doubt doubt) {
        last = doubt;
        UntoldDoubts.tell(connector, buffer, doubt);
    }

    void ended() {
        UntoldDoubts.ended(connector, buffer);
    }
}
