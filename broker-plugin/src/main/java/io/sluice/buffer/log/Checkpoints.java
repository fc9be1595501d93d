package io.sluice.buffer.log;

import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the buffer's {@link Checkpoint} on the disk. Two files take turns, so that there is an older one when the newer
 * one was cut short or is damaged; each is written over in place, which needs no free space and one force. Thread-safe.
 *
 * <p>Whoever changes what is remembered says so ({@link #changed}), and {@link #save saves} it if he depends on it. While
 * one writes, others wait, and what they have changed is in the next checkpoint, one for all of them.
 */
public final class Checkpoints {

    static final List<String> NAMES = List.of("checkpoint.0", "checkpoint.1");

    /** Left behind by versions of Sluice that did not write checkpoints in place. */
    static final String TEMPORARY = "checkpoint.new";

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    /** Files grow by so much, and are twice as large as they need be then: later there may be no space. */
    private static final int SLOT_BYTES = 1 << 16;

    private final Folder folder;
    private final UnaryOperator<Checkpoint> next;
    private final AtomicLong changes = new AtomicLong();
    private Checkpoint newest;
    private long saved;
    private boolean failing;
    private boolean closed;

    /**
     * Checkpoints of a log that is open.
     *
     * @param newest the last one that was written
     * @param next makes the one after another of what is to be remembered now
     */
    public Checkpoints(Folder folder, Checkpoint newest, UnaryOperator<Checkpoint> next) {
        this.folder = folder;
        this.newest = newest;
        this.next = next;
    }

    /** What is to be remembered has changed. Cheap. */
    public void changed() {
        changes.incrementAndGet();
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
            Checkpoint renewed = next.apply(newest);
            try {
                write(folder, renewed);
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
            newest = renewed;
            saved = covered;
            if (failing) {
                LOG.warn("The checkpoint of buffer {} can be written again", folder);
            }
            failing = false;
            return true;
        }
    }

    /** Writes nothing any more: the folder is about to be released. */
    public synchronized void close() {
        closed = true;
    }

    /**
     * What was found.
     *
     * @param newest the newest one that is intact
     * @param damaged names of those that are not
     */
    record Found(Optional<Checkpoint> newest, List<String> damaged) {}

    static Found read(Folder folder, List<String> names) throws IOException {
        Optional<Checkpoint> newest = Optional.empty();
        List<String> damaged = new ArrayList<>();
        for (String name : NAMES) {
            if (!names.contains(name)) {
                continue;
            }
            Optional<Checkpoint> found = read(folder, name);
            if (found.isEmpty()) {
                damaged.add(name);
            } else if (newest.isEmpty() || found.get().sequence() > newest.get().sequence()) {
                newest = found;
            }
        }
        return new Found(newest, damaged);
    }

    private static Optional<Checkpoint> read(Folder folder, String name) throws IOException {
        try (Folder.File file = folder.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), Integer.MAX_VALUE / 2));
            while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {
                // reads on
            }
            return Checkpoint.decode(bytes.flip());
        } catch (BufferException e) {
            throw new BufferException(name + " in " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Writes a checkpoint over the older one. */
    public static void write(Folder folder, Checkpoint checkpoint) throws IOException {
        String name = NAMES.get((int) (checkpoint.sequence() % NAMES.size()));
        ByteBuffer bytes = checkpoint.encode();
        int size = bytes.remaining();
        try (Folder.File file = open(folder, name)) {
            file.write(bytes, 0);
            file.force();
            if (file.size() < size + SLOT_BYTES / 4) {
                grow(file, (2 * size / SLOT_BYTES + 1) * (long) SLOT_BYTES);
            }
        }
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
     * @param found the newest that was found. It is written once more: if its force had failed, and the process was killed
     *     then, it is in the page cache only, and the one that is about to be written over is the only one on the disk
     */
    static Checkpoint begin(Folder folder, Optional<Checkpoint> found, Checkpoint checkpoint) throws IOException {
        if (found.isPresent()) {
            write(folder, found.get());
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
