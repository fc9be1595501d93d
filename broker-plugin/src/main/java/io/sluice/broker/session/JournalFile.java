package io.sluice.broker.session;

import io.sluice.broker.session.Change.Published;
import io.sluice.file.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.util.zip.CRC32C;

/**
 * One file of the journal: a header, and records ({@link JournalFormat}).
 *
 * <p>One thread writes; any thread reads messages. They have a handle each, since a thread that is interrupted while it
 * reads closes the handle.
 */
final class JournalFile implements AutoCloseable {

    static final int HEADER_BYTES = 24;

    /** What a file may grow to: places end at 16 GiB, and a group follows. */
    static final long MAX_BYTES = 15L << 30;

    private static final long MAGIC = 0x534C_5543_4553_4553L; // SLUCESES
    private static final int VERSION = 1;
    private static final int COPY_BYTES = 256 << 10;
    private static final int CHECKED_BYTES = 16;

    private final Folder folder;
    private final Folder.File writing;
    final int salt;

    /** Which of two files a place is in, when one journal is written anew from the other. */
    final int parity;

    private volatile String name;
    private Folder.File reading;
    private volatile boolean closed;
    private long end;

    private JournalFile(Folder folder, String name, Folder.File writing, int salt, int parity) throws IOException {
        this.folder = folder;
        this.name = name;
        this.writing = writing;
        this.reading = folder.open(name);
        this.salt = salt;
        this.parity = parity;
        this.end = HEADER_BYTES;
    }

    /** Makes a file; its header is written. */
    static JournalFile create(Folder folder, String name, int parity) throws IOException {
        folder.delete(name);
        Folder.File file = folder.create(name);
        int salt = new SecureRandom().nextInt();
        ByteBuffer header =
                ByteBuffer.allocate(HEADER_BYTES).putLong(MAGIC).putInt(VERSION).putInt(salt);
        header.putInt(checksum(header)).putInt(0);
        try {
            file.write(header.flip(), 0);
            return new JournalFile(folder, name, file, salt, parity);
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            folder.delete(name);
            throw e;
        }
    }

    /** @throws DamagedException if it is none that this version can read */
    static JournalFile open(Folder folder, String name) throws IOException {
        Folder.File file = folder.open(name);
        try {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            file.fill(header, 0);
            header.flip();
            if (header.remaining() < HEADER_BYTES || header.getLong() != MAGIC) {
                throw new DamagedException("it does not begin as a journal does");
            }
            int version = header.getInt();
            int salt = header.getInt();
            if (header.getInt() != checksum(header)) {
                throw new DamagedException("its header is damaged");
            }
            if (version != VERSION) {
                throw new DamagedException(
                        "it is of version " + version + ", and this Sluice reads version " + VERSION);
            }
            return new JournalFile(folder, name, file, salt, 0);
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private static int checksum(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.slice(0, CHECKED_BYTES));
        return (int) crc.getValue();
    }

    long end() {
        return end;
    }

    long size() throws IOException {
        return writing.size();
    }

    /** The place of a record, for {@link Publishes}: files are at most 16 GiB large. */
    int placeOf(long offset) {
        return (int) (offset / JournalFormat.ALIGNMENT) << 1 | parity;
    }

    static int parityOf(int place) {
        return place & 1;
    }

    private static long offsetOf(int place) {
        return (long) (place >>> 1) * JournalFormat.ALIGNMENT;
    }

    /** Writes records at the end, which moves only when {@link #appended} says so. */
    void write(ByteBuffer records, long offset) throws IOException {
        writing.write(records, offset);
    }

    void appended(long newEnd) {
        end = newEnd;
    }

    void force() throws IOException {
        writing.force();
    }

    /** Cuts off what is after the end. */
    void truncate() throws IOException {
        writing.truncate(end);
    }

    /** Writes what is there again, from an offset to the end. */
    void writeAgain(long from) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(COPY_BYTES);
        for (long at = from; at < end; at += part.limit()) {
            part.clear().limit((int) Math.min(part.capacity(), end - at));
            read(part, at);
            writing.write(part.flip(), at);
        }
    }

    void rename(String to) throws IOException {
        folder.rename(name, to);
        name = to;
    }

    /** Reads bytes for those who go through the file; on the writing thread. */
    void read(ByteBuffer into, long offset) throws IOException {
        writing.fill(into, offset);
    }

    /**
     * The message at a place.
     *
     * @throws DamagedException if it is not what was written
     * @throws ClosedChannelException if the file was closed
     */
    Published readPublish(int place, int size) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(size);
        readAgainIfInterrupted(record, offsetOf(place));
        record.flip();
        boolean intact = record.limit() == size
                && JournalFormat.isPlausible(record, 0, size)
                && JournalFormat.isIntact(record, 0, salt, new CRC32C());
        if (!intact) {
            throw new DamagedException("the record at " + offsetOf(place) + " of " + name + " is damaged");
        }
        record.limit(JournalFormat.size(record, 0));
        if (JournalFormat.decode(record) instanceof Published published) {
            return published;
        }
        throw new DamagedException("the record at " + offsetOf(place) + " of " + name + " is no message");
    }

    private void readAgainIfInterrupted(ByteBuffer into, long offset) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                Folder.File handle = reading();
                try {
                    into.clear();
                    handle.fill(into, offset);
                    return;
                } catch (ClosedChannelException e) {
                    interrupted |= Thread.interrupted();
                    reopen(handle);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized Folder.File reading() {
        return reading;
    }

    @SuppressWarnings("ReferenceEquality") // one handle or another
    private synchronized void reopen(Folder.File broken) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (reading == broken) {
            reading = folder.open(name);
        }
    }

    /** Closes the file; readers get an exception that says so. */
    @Override
    public synchronized void close() {
        closed = true;
        closeQuietly(reading);
        closeQuietly(writing);
    }

    private static void closeQuietly(Folder.File file) {
        try {
            file.close();
        } catch (IOException e) {
            // What matters was forced; the handle is gone in any case.
        }
    }
}
