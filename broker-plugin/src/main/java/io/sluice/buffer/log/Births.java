package io.sluice.buffer.log;

import io.sluice.buffer.log.Birth.InFile;
import io.sluice.buffer.log.Birth.InMemory;
import io.sluice.buffer.log.Birth.InSegment;
import io.sluice.buffer.record.BufferException;
import io.sluice.buffer.record.RecordBatch;
import io.sluice.buffer.record.RecordLayout;
import io.sluice.file.Folder;
import io.sluice.message.SparkplugTopic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The births of Sparkplug B's edge nodes and devices that whoever reads the log may need: those that it holds and, of each
 * topic, the latest before it. Births name metrics, and what comes later refers to them by numbers alone.
 *
 * <p>The writer {@linkplain #note notes} where births lie as their records become safe. Before a segment goes, those of its
 * births that are the latest of their topic are {@linkplain #keep kept} in memory, and then in the {@link BirthsFile}; this
 * file says also where those in segments are, so that recovery finds them again without reading these. It is written
 * when there is something to add, when the log has grown by much since, and at the end.
 *
 * <p>Of births that are too many the oldest of the lane that has most is forgotten, which is counted, and said once. Thread-safe; what writes the file
 * is for the housekeeper's thread.
 */
public final class Births {

    private static final Logger LOG = LoggerFactory.getLogger(Births.class);

    /** What the index may take, of a small heap less. */
    private static final long MOST_MEMORY =
            Math.min(16L << 20, Runtime.getRuntime().maxMemory() / 32);

    /** What records may have whose segments are gone; they are in memory while a disk is full. */
    private static final long MOST_KEPT =
            Math.min(32L << 20, Runtime.getRuntime().maxMemory() / 16);

    /** A birth of more metrics than any device has: one must not push out those of all others. */
    private static final int LARGEST = 4 << 20;

    /** The names of all files that may have to do with births. */
    public static final Set<String> FILES = Set.of(BirthsFile.NAME, BirthsFile.TEMPORARY);

    /** So much of the log recovery reads, beside its last segment, to find births; bytes. */
    public static final long MOST_TO_SCAN = 256L << 20;

    private static final int ATTEMPTS = 3;

    private final Folder folder;
    private final UUID bufferId;
    private final BirthIndex index = new BirthIndex(MOST_MEMORY, MOST_KEPT);
    private final CRC32C crc = new CRC32C();

    /** Held while a record is read, and while the file is replaced. */
    private final Object reading = new Object();

    /** For whoever asks for a birth. */
    private final BirthReader asked = new BirthReader();

    /** For the housekeeper. */
    private final BirthReader leaving = new BirthReader();

    private Folder.@Nullable File file;

    private long covers;
    private boolean failing;
    private boolean saidForgotten;
    private boolean closed;

    public Births(Folder folder, UUID bufferId) {
        this.folder = folder;
        this.bufferId = bufferId;
    }

    /**
     * Reads what an earlier process has written, before segments are scanned for what it has not.
     *
     * @return the position before which no segment need be scanned; empty if nothing is known
     */
    public Optional<Long> load(List<String> names, long logStart, long logEnd) throws IOException {
        folder.delete(BirthsFile.TEMPORARY);
        if (!names.contains(BirthsFile.NAME)) {
            return Optional.empty();
        }
        Folder.File opened = folder.open(BirthsFile.NAME);
        Optional<BirthsFile.Found> found = read(opened);
        if (found.isEmpty()) {
            opened.close();
            String aside = BirthsFile.NAME + SegmentName.DAMAGED_SUFFIX;
            LOG.error(
                    "{} in {} is damaged, or of another version of Sluice, and is set aside as {}: metrics of Sparkplug"
                            + " that are named by aliases may lack their names until their edge nodes are born again",
                    BirthsFile.NAME,
                    folder,
                    aside);
            setAside(aside);
            return Optional.empty();
        }
        file = opened;
        covers = Math.min(found.get().covers(), logEnd);
        for (Birth birth : found.get().births()) {
            boolean isThere = birth.place() instanceof InFile || birth.position() >= logStart;
            if (isThere && birth.position() < covers) {
                index.put(birth);
            }
        }
        return Optional.of(covers);
    }

    private void setAside(String name) {
        try {
            folder.rename(BirthsFile.NAME, name);
        } catch (IOException e) {
            LOG.warn("{} in {} cannot be set aside: {}; it is written anew", BirthsFile.NAME, folder, e.toString());
        }
    }

    private Optional<BirthsFile.Found> read(Folder.File opened) {
        try {
            return BirthsFile.read(opened, bufferId);
        } catch (IOException e) {
            LOG.warn("{} in {} cannot be read: {}; it counts as damaged", BirthsFile.NAME, folder, e.toString());
            return Optional.empty();
        }
    }

    /** Notes a record that is safe, if it is a birth; it lies in its segment at an offset. */
    public void note(ByteBuffer in, int at, long offset) {
        if (Birth.mayBe(in, at)) {
            String topic = RecordLayout.topic(in, at);
            if (SparkplugTopic.of(topic).filter(of -> of.type().isBirth()).isPresent()) {
                index.put(new Birth(
                        topic, RecordLayout.position(in, at), RecordLayout.lane(in, at), new InSegment(offset)));
            }
        }
    }

    /**
     * The latest message of a birth's topic before a position, as it lies in the log.
     *
     * @return empty if there is none, it was forgotten, or it cannot be read, which is said
     */
    public Optional<RecordBatch> find(Log log, String topic, long before) {
        synchronized (reading) {
            for (int attempt = 1; !closed; attempt++) {
                Optional<Birth> found = index.before(topic, before);
                if (found.isEmpty()) {
                    return Optional.empty();
                }
                try (BirthReader reader = asked) {
                    return read(log, found.get(), reader);
                } catch (NoSuchFileException e) {
                    if (attempt == ATTEMPTS) { // else its segment has gone meanwhile, and it was kept
                        return Optional.empty();
                    }
                } catch (IOException | BufferException e) {
                    return unreadable(found.get(), e);
                }
            }
            return Optional.empty();
        }
    }

    private Optional<RecordBatch> read(Log log, Birth birth, BirthReader reader) throws IOException {
        if (birth.place() instanceof InSegment inSegment) {
            return reader.read(log, birth, inSegment);
        }
        RecordBatch batch =
                new RecordBatch(keptRecord(birth), BirthsFile.salt(bufferId), birth.position() + 1, List.of());
        return Optional.of(batch.requireIntact());
    }

    /** The record of a birth whose segment is gone. */
    private ByteBuffer keptRecord(Birth birth) throws IOException {
        if (birth.place() instanceof InMemory inMemory) {
            return inMemory.record().duplicate();
        }
        Folder.File open = file;
        if (open == null || !(birth.place() instanceof InFile inFile)) {
            throw new IOException("the file of births is not open");
        }
        return BirthsFile.record(open, inFile);
    }

    /**
     * Takes what may be asked for, once they are gone, out of segments that are about to go, which are the first of the log. What
     * they have besides stays known: until the checkpoint says that they go, a crash may bring their readers back.
     */
    public void keep(Log log, List<Segment> going) {
        if (going.isEmpty()) {
            return;
        }
        long start = going.get(going.size() - 1).end();
        try (BirthReader reader = leaving) {
            for (Birth birth : index.latestBefore(start)) {
                if (birth.place() instanceof InSegment) {
                    forFile(log, birth, reader)
                            .ifPresentOrElse(
                                    record -> index.move(birth.at(new InMemory(record))), () -> index.forget(birth));
                }
            }
        } catch (IOException e) {
            LOG.debug("A segment in {} could not be closed", folder, e);
        }
        sayForgotten();
    }

    private Optional<ByteBuffer> forFile(Log log, Birth birth, BirthReader reader) {
        try {
            synchronized (reading) {
                return read(log, birth, reader)
                        .map(RecordBatch::records)
                        .filter(record -> record.remaining() <= LARGEST)
                        .map(record -> {
                            RecordLayout.seal(record, 0, BirthsFile.salt(bufferId), crc);
                            return record;
                        });
            }
        } catch (IOException | BufferException e) {
            return unreadable(birth, e);
        }
    }

    private <T> Optional<T> unreadable(Birth birth, Exception e) {
        LOG.warn(
                "The birth at position {} of buffer {} cannot be read ({}): metrics that refer to it have no names",
                birth.position(),
                folder,
                e.toString());
        return Optional.empty();
    }

    /** Segments that were about to go are gone. */
    public void gone(Log log) {
        index.dropSuperseded(log.start());
    }

    /**
     * Makes the births before the open segment safe, if there is a reason to.
     *
     * @param atTheEnd whether the buffer closes
     * @return false if the disk does not take them: what is in memory alone stays there
     */
    public boolean save(Log log, boolean atTheEnd) {
        sayForgotten();
        long sealed = log.last().base();
        boolean due = index.anyInMemory()
                || index.anyInSegments(covers, sealed)
                || (sealed > covers
                        && (atTheEnd || log.bytesFrom(covers) - log.last().bytes() > MOST_TO_SCAN));
        if (!due) {
            return true;
        }
        dropUnreadable(log);
        try {
            List<Birth> placed = BirthsFile.write(folder, bufferId, sealed, index.allBefore(sealed), birth -> {
                synchronized (reading) {
                    return keptRecord(birth);
                }
            });
            replaceFile(placed);
            covers = sealed;
        } catch (IOException e) {
            if (!failing) {
                LOG.error("The births of buffer {} cannot be written: {}; it is tried again", folder, e.toString());
            }
            failing = true;
            return false;
        }
        if (failing) {
            LOG.warn("The births of buffer {} can be written again", folder);
        }
        failing = false;
        return true;
    }

    /** A record that a disk has damaged costs its own birth, and not the file. */
    private void dropUnreadable(Log log) {
        for (Birth birth : index.allBefore(log.start())) {
            if (birth.place() instanceof InFile && forFile(log, birth, leaving).isEmpty()) {
                index.forget(birth);
            }
        }
    }

    private void replaceFile(List<Birth> placed) throws IOException {
        synchronized (reading) {
            Folder.File renewed = folder.open(BirthsFile.NAME);
            closeFile();
            file = renewed;
            placed.stream().filter(birth -> birth.place() instanceof InFile).forEach(index::move);
        }
    }

    private void closeFile() {
        Folder.File open = file;
        file = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("A file of births in {} could not be closed", folder, e);
            }
        }
    }

    private void sayForgotten() {
        if (!saidForgotten && index.forgotten() > 0) {
            saidForgotten = true;
            LOG.warn(
                    "Buffer {} forgets the oldest births of Sparkplug, as there are too many, or they are too large: metrics"
                            + " that refer to them have no names. The metric forgotten-births-total counts them",
                    folder);
        }
    }

    public int size() {
        return index.size();
    }

    public long forgotten() {
        return index.forgotten();
    }

    /** Reads nothing any more: the folder is about to be released. */
    public void close() {
        synchronized (reading) {
            closed = true;
            closeFile();
        }
    }
}
