package io.sluice.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One flat folder of files, which one store has to itself from {@link DiskFolder#open opening} until {@link #close}.
 * Names are plain file names. Thread-safe.
 *
 * <p>Nothing is promised before it is forced. What was written to a file survives a power cut once that file was forced;
 * its name, and every {@link #create}, {@link #rename} and {@link #delete}, once the folder was forced. Until then a
 * power cut keeps any part of it, in any order. A crash of the process alone loses nothing.
 */
public interface Folder extends Closeable {

    /** What the folder holds, files and folders alike, in no order. */
    List<String> names() throws IOException;

    /**
     * Makes a new, empty file.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is one of that name
     */
    File create(String name) throws IOException;

    /**
     * Opens a file to read it and write it.
     *
     * @throws java.nio.file.NoSuchFileException if there is none of that name
     */
    File open(String name) throws IOException;

    /** Gives a file another name, replacing the file that had it, in one step that a crash cannot halve. */
    void rename(String from, String to) throws IOException;

    /** Removes a file; does nothing if there is none. A reader that has it open can go on reading it. */
    void delete(String name) throws IOException;

    /** Returns when the names of the files would survive a power cut. */
    void force() throws IOException;

    /** How many bytes can still be written, as far as is known. */
    long usableBytes() throws IOException;

    /**
     * Releases the folder. Idempotent.
     *
     * @throws java.io.UncheckedIOException if that fails
     */
    @Override
    void close();

    /** An open file. Reads may run on several threads, also beside one thread that writes. */
    interface File extends Closeable {

        /** Reads at an offset; returns how many bytes, -1 at the end. May read less than there is room for. */
        int read(ByteBuffer into, long offset) throws IOException;

        /** Reads at an offset until a buffer is full, or the file ends; returns whether it is full. */
        default boolean fill(ByteBuffer into, long offset) throws IOException {
            long at = offset - into.position();
            while (into.hasRemaining()) {
                if (read(into, at + into.position()) < 0) {
                    return false;
                }
            }
            return true;
        }

        /** Writes all remaining bytes at an offset. If that fails, some of them may be written. */
        void write(ByteBuffer from, long offset) throws IOException;

        /**
         * Returns when everything written, and the size, would survive a power cut. After a failure it is not known
         * what is on the disk, and a second call tells nothing: Linux then reports success without having written.
         */
        void force() throws IOException;

        /** Cuts the file off at a size. */
        void truncate(long size) throws IOException;

        /** Size in bytes. */
        long size() throws IOException;
    }
}
