package io.sluice.buffer.log;

import io.sluice.buffer.record.DropReason;
import io.sluice.buffer.record.Gap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers what the log has lost, and why, so that a consumer that comes to such a place later hears the reason.
 * Thread-safe.
 */
public final class Losses {

    private static final Logger LOG = LoggerFactory.getLogger(Losses.class);
    private static final int MAX_REMEMBERED = 256;

    private final Drops drops;
    private final List<Gap> known;

    /**
     * What is known when a log is opened.
     *
     * @param drops counts what is lost from now on
     * @param remembered what a checkpoint says was lost before
     */
    public Losses(Drops drops, List<Gap> remembered) {
        this.drops = drops;
        this.known = new ArrayList<>(remembered);
    }

    public synchronized void add(Gap loss, DropReason reason) {
        if (known.contains(loss)) {
            return;
        }
        drops.add(reason, loss.count());
        LOG.error(
                "Positions {} to {} are lost ({} of them): {}", loss.from(), loss.to() - 1, loss.count(), loss.cause());
        remember(loss);
    }

    /** Remembers a loss that is counted and logged elsewhere. */
    public synchronized void remember(Gap loss) {
        Gap last = known.isEmpty() ? null : known.get(known.size() - 1);
        if (last != null && last.to() == loss.from() && last.cause().equals(loss.cause())) {
            known.set(known.size() - 1, new Gap(last.from(), loss.to(), loss.cause()));
            return;
        }
        known.add(loss);
        if (known.size() > MAX_REMEMBERED) {
            known.remove(0);
        }
    }

    /** A gap that a reader found because segments were dropped. */
    synchronized Gap trimmed(long from, long to) {
        return known(from, to)
                .orElseGet(
                        () -> new Gap(
                                from,
                                to,
                                "they were dropped while the connector did not hold them: it was away for"
                                        + " longer than buffer.consumer.expiry.ms, or its offset was set to before the buffer's start"));
    }

    /** A gap that a reader, or recovery, found within the log: remembered if it is new. */
    public synchronized Gap damaged(long from, long to) {
        return known(from, to).orElseGet(() -> {
            Gap found = new Gap(from, to, "the buffer's files are damaged there");
            add(found, DropReason.DAMAGE);
            return found;
        });
    }

    private Optional<Gap> known(long from, long to) {
        return known.stream()
                .filter(loss -> loss.from() < to && from < loss.to())
                .map(loss -> new Gap(from, to, loss.cause()))
                .findFirst();
    }

    public synchronized List<Gap> remembered() {
        return List.copyOf(known);
    }
}
