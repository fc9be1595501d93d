package io.sluice.buffer.recovery;

import io.sluice.buffer.record.BufferException;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the buffer's {@link Checkpoint} on the disk. Two files take turns: when the newer one was cut short or is damaged,
 * there is an older one. It writes each in place, which needs no free space and one force: behind what the file holds, as
 * long as it has space, and then anew. Thread-safe.
 *
 * <p>Whoever changes what is remembered calls {@link #changed}, and {@link #save} if it must be safe. While one caller
 * writes, others wait; one checkpoint then holds the changes of all of them.
 */
public final class Checkpoints {

    static final List<String> NAMES = List.of("checkpoint.0", "checkpoint.1");

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    /** Files grow by so much at least: later there may be no space. */
    private static final int STEP_BYTES = 1 << 16;

    /** So often does a file take what it held when it was written anew, before it is full. */
    private static final int SPARE = 4;

    /** What is to be remembered now. */
    public interface Memory {

        /**
         * The checkpoint to be written.
         *
         * @param since consumers that have not changed since this {@linkplain #changed change} are left out; negative
         *     where all are to be in it
         */
        Checkpoint now(long sequence, long since);
    }

    private static final class Slot {
        private long end;
        private long size;
        private long covered = -1;
    }

    private final Folder folder;
    private final Memory memory;
    private final List<Slot> slots = List.of(new Slot(), new Slot());
    private final AtomicLong changes = new AtomicLong();
    private long sequence;
    private volatile long saved;
    private boolean failing;
    private boolean closed;

    /**
     * Checkpoints of a log that is open.
     *
     * @param sequence of the last one that was written
     */
    public Checkpoints(Folder folder, long sequence, Memory memory) {
        this.folder = folder;
        this.sequence = sequence;
        this.memory = memory;
    }

    /** What is to be remembered has changed. Cheap. Returns the number of the change. */
    public long changed() {
        return changes.incrementAndGet();
    }

    /** The number that the next change will have: for what may wait until something else is saved. */
    public long nextChange() {
        return changes.get() + 1;
    }

    /**
     * Makes everything safe that was changed before. Waits for the disk.
     *
     * @return whether it could be; if not, the reason is logged
     */
    public boolean save() {
        long wanted = changes.get();
        synchronized (this) {
            if (saved >= wanted) {
                return true;
            }
            if (closed) {
                return false;
            }
            long covered = changes.get();
            try {
                write(sequence + 1, covered);
            } catch (IOException e) {
                if (!failing) {
                    LOG.error(
                            "The checkpoint of buffer {} cannot be written: {}; it is tried again",
                            folder,
                            e.toString());
                }
                failing = true;
                return false;
            }
            sequence++;
            saved = covered;
            if (failing) {
                LOG.warn("The checkpoint of buffer {} can be written again", folder);
            }
            failing = false;
            return true;
        }
    }

    /** Whether a change is safe. Takes no lock. */
    public boolean isSaved(long change) {
        return saved >= change;
    }

    private void write(long next, long covers) throws IOException {
        Slot slot = slots.get((int) (next % slots.size()));
        ByteBuffer bytes = memory.now(next, slot.covered).encode();
        if (slot.covered >= 0 && bytes.remaining() > slot.size - slot.end) {
            slot.covered = -1;
            bytes = memory.now(next, slot.covered).encode();
        }
        long at = slot.covered < 0 ? 0 : slot.end;
        long end = at + bytes.remaining();
        slot.covered = -1; // if this fails, nobody knows what the file holds
        slot.size = write(folder, next, bytes, at);
        slot.end = end;
        slot.covered = covers;
    }

    /** Writes nothing any more: the folder is about to be released. */
    public synchronized void close() {
        closed = true;
    }

    /**
     * @param newest the newest one that is intact
     * @param damaged names of those that are not
     */
    record Found(Optional<Checkpoint> newest, List<String> damaged) {}

    static Found read(Folder folder, List<String> names) throws IOException {
        List<Checkpoint> intact = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        for (String name : NAMES) {
            if (names.contains(name)) {
                read(folder, name, damaged).ifPresent(intact::add);
            }
        }
        return new Found(intact.stream().max(Comparator.comparingLong(Checkpoint::sequence)), damaged);
    }

    private static Optional<Checkpoint> read(Folder folder, String name, List<String> damaged) throws IOException {
        try (Folder.File file = folder.open(name)) {
            ByteBuffer bytes = whole(file);
            Optional<Checkpoint> known = Optional.empty();
            Optional<Checkpoint> next = Checkpoint.decode(bytes);
            while (next.isPresent()
                    && (known.isEmpty() || next.get().sequence() > known.get().sequence())) {
                known = Optional.of(known.isEmpty() ? next.get() : next.get().after(known.get()));
                next = Checkpoint.decode(bytes);
            }
            if (known.isEmpty() || (next.isEmpty() && Checkpoint.isBegun(bytes))) {
                damaged.add(name);
            }
            return known;
        } catch (BufferException e) {
            throw new BufferException(name + " in " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static ByteBuffer whole(Folder.File file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), Integer.MAX_VALUE / 2));
        file.fill(bytes, 0);
        return bytes.flip();
    }

    /** Writes a checkpoint that holds all consumers over the older one. */
    public static void write(Folder folder, Checkpoint checkpoint) throws IOException {
        write(folder, checkpoint.sequence(), checkpoint.encode(), 0);
    }

    private static long write(Folder folder, long sequence, ByteBuffer bytes, long at) throws IOException {
        long end = at + bytes.remaining();
        try (Folder.File file = open(folder, name(sequence))) {
            file.write(bytes, at);
            if (file.size() >= end + Integer.BYTES) {
                file.write(ByteBuffer.allocate(Integer.BYTES), end); // what is left behind it is no part of it
            }
            file.force();
            if (at == 0 && file.size() < (SPARE - 1) * end) {
                grow(file, (SPARE * end / STEP_BYTES + 1) * STEP_BYTES);
            }
            return file.size();
        }
    }

    private static String name(long sequence) {
        return NAMES.get((int) (sequence % NAMES.size()));
    }

    private static Folder.File open(Folder folder, String name) throws IOException {
        try {
            return folder.open(name);
        } catch (NoSuchFileException first) {
            Folder.File file = folder.create(name);
            folder.force();
            return file;
        }
    }

    private static void grow(Folder.File file, long size) {
        try {
            long from = file.size();
            file.write(ByteBuffer.allocate((int) (size - from)), from);
            file.force();
        } catch (IOException noSpace) {
            LOG.debug("No space could be kept for later checkpoints", noSpace);
        }
    }

    /**
     * Writes the first checkpoint of an opening, and makes the file of the one after it: on a disk that is full later there
     * is a place for it.
     *
     * @param found the newest that was found. Its file is written once more as it is: if its force had failed, and the
     *     process was killed then, it is in the page cache only, and the one that is about to be written over is the only
     *     one on the disk
     */
    static Checkpoint begin(Folder folder, Optional<Checkpoint> found, Checkpoint checkpoint) throws IOException {
        if (found.isPresent()) {
            try (Folder.File file = folder.open(name(found.get().sequence()))) {
                file.write(whole(file), 0);
                file.force();
            }
        }
        write(folder, checkpoint);
        if (folder.names().containsAll(NAMES)) {
            return checkpoint;
        }
        Checkpoint second = checkpoint.with(checkpoint.consumers());
        write(folder, second);
        return second;
    }
}
