package io.sluice.broker.session;

import io.sluice.broker.session.Change.Published;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The messages that queues and retained topics hold, each once. A message has a slot, a small number that is used again
 * when nobody holds the message any more; the heap knows of it how many hold it, how large it is, and its place in the
 * journal: twelve bytes. Those the journal has not written yet, and all where there is no journal, are in the heap.
 *
 * <p>Guarded by the store's lock, but for {@link #read}.
 */
final class Publishes {

    /** The place of a message that is in the heap only. */
    static final int NO_PLACE = 0;

    /** The place of a message that could not be read when the journal was written anew. */
    static final int LOST = -1;

    private static final int NO_SLOT = -1;
    private static final int RECENT = 1_024;

    private final ReentrantLock lock;
    private final PendingChanges pending;
    private final IntColumn uses = new IntColumn();
    private final IntColumn sizes = new IntColumn();

    /** Of a free slot: the next free one. */
    private final IntColumn places = new IntColumn();

    private final Map<Integer, Published> inHeap = new HashMap<>();

    /** Of messages that may still be added to other queues. */
    private final LinkedHashMap<Integer, Ticket> recent = new LinkedHashMap<>();

    private IntFunction<@Nullable JournalFile> files = place -> null;
    private boolean restoring;
    private int firstFree = NO_SLOT;
    private int end;
    private long bytes;
    private long bytesInHeap;

    /** @param pending is told of new messages */
    Publishes(ReentrantLock lock, PendingChanges pending) {
        this.lock = lock;
        this.pending = pending;
    }

    /** Where places are: a file, or null if it was given up. */
    void readFrom(IntFunction<@Nullable JournalFile> journal) {
        files = journal;
    }

    /** Size of all messages, as they lie in the journal. */
    long bytes() {
        return bytes;
    }

    long bytesInHeap() {
        return bytesInHeap;
    }

    /** One more than the greatest slot. */
    int end() {
        return end;
    }

    int size(int slot) {
        return sizes.get(slot);
    }

    boolean isUsed(int slot) {
        return slot >= 0 && slot < end && uses.get(slot) > 0;
    }

    /** Counts one more holder of the message; returns its slot. */
    int use(StoredPublish publish, byte[] body, OptionalLong expiresAt) {
        Ticket ticket = ticket(publish);
        int known = ticket.slot();
        if (known != Ticket.GONE) {
            use(known);
            return known;
        }
        int slot = newSlot();
        Published published = new Published(slot, expiresAt, body);
        inHeap.put(slot, published);
        uses.set(slot, 1);
        places.set(slot, NO_PLACE);
        sizes.set(slot, JournalFormat.size(published));
        bytes += sizes.get(slot);
        bytesInHeap += sizes.get(slot);
        remember(ticket, slot);
        pending.add(published);
        return slot;
    }

    /** The ticket that a message has of this store; nobody else gives it one. */
    private Ticket ticket(StoredPublish publish) {
        Ticket ticket = publish.tickets();
        while (ticket != null && !ticket.isOf(this)) {
            ticket = ticket.next();
        }
        if (ticket == null) {
            ticket = new Ticket(this);
            publish.add(ticket);
        }
        return ticket;
    }

    private int newSlot() {
        if (firstFree != NO_SLOT) {
            int slot = firstFree;
            firstFree = places.get(slot);
            return slot;
        }
        return grow();
    }

    private int grow() {
        uses.reach(end);
        sizes.reach(end);
        places.reach(end);
        return end++;
    }

    private void remember(Ticket ticket, int slot) {
        ticket.begin(slot);
        recent.put(slot, ticket);
        if (recent.size() > RECENT) {
            var eldest = recent.entrySet().iterator();
            eldest.next().getValue().end();
            eldest.remove();
        }
    }

    void use(int slot) {
        uses.set(slot, uses.get(slot) + 1);
    }

    /** Counts one holder of the message less; the last one frees its slot. */
    void release(int slot) {
        int left = uses.get(slot) - 1;
        uses.set(slot, left);
        if (left > 0 || restoring) {
            return;
        }
        bytes -= sizes.get(slot);
        if (inHeap.remove(slot) != null) {
            bytesInHeap -= sizes.get(slot);
        }
        Ticket ticket = recent.remove(slot);
        if (ticket != null) {
            ticket.end();
        }
        places.set(slot, firstFree);
        firstFree = slot;
    }

    int place(int slot) {
        return places.get(slot);
    }

    /** The journal holds a message, which need not be in the heap any more. */
    void settle(Published published, int place) {
        if (inHeap.remove(published.slot(), published)) {
            bytesInHeap -= sizes.get(published.slot());
            places.set(published.slot(), place);
        }
    }

    /** A message has another place, if it still had the one that is meant. */
    void move(int slot, int from, int to) {
        if (isUsed(slot) && places.get(slot) == from && from != NO_PLACE) {
            places.set(slot, to);
        }
    }

    /** Those that the journal does not hold. */
    List<Published> inHeap() {
        return List.copyOf(inHeap.values());
    }

    /** The journal is being read: nothing is freed until its end is known. */
    void restore() {
        restoring = true;
    }

    /** A message was found in the journal; who uses it is found later. */
    void restore(int slot, int place, int size) {
        while (end <= slot) {
            grow();
        }
        places.set(slot, place);
        sizes.set(slot, size);
    }

    /** Whether a message was found for a slot. */
    boolean isRestored(int slot) {
        return slot >= 0 && slot < end && sizes.get(slot) > 0;
    }

    /** All was read: what nobody uses is free. */
    void restored() {
        restoring = false;
        for (int slot = end - 1; slot >= 0; slot--) {
            if (uses.get(slot) > 0) {
                bytes += sizes.get(slot);
            } else {
                places.set(slot, firstFree);
                firstFree = slot;
            }
        }
    }

    /**
     * The message of a slot. Reads a file, so the lock must not be held.
     *
     * @param isHeld whether the caller still holds the message; asked under the lock
     * @return null if it is no longer held
     * @throws IOException if it cannot be read
     */
    @Nullable
    Published read(int slot, BooleanSupplier isHeld) throws IOException {
        while (true) {
            int place;
            int size;
            JournalFile file;
            lock.lock();
            try {
                if (!isHeld.getAsBoolean()) {
                    return null;
                }
                Published known = inHeap.get(slot);
                if (known != null) {
                    return known;
                }
                place = places.get(slot);
                size = sizes.get(slot);
                file = files.apply(place);
            } finally {
                lock.unlock();
            }
            try {
                if (place == LOST || file == null) {
                    throw new DamagedException("it was damaged when the journal was rewritten");
                }
                return file.readPublish(place, size);
            } catch (ClosedChannelException moved) {
                // The journal was written anew in the meantime.
            }
        }
    }
}
