package io.sluice.buffer;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Where a buffer's files live: one flat folder, on a disk or in memory. Everything above it is the same code for both,
 * and meets the faults of a disk in tests through the same interface. Names are plain file names. Thread-safe.
 *
 * <p>{@link #create}, {@link #rename} and {@link #delete} return when the folder's new content would survive a power
 * cut.
 */
interface Storage extends Closeable {

    /** What the folder holds, files and folders alike, in no order. */
    List<String> names() throws IOException;

    /** Makes a new, empty file. Fails if there is one of that name. */
    File create(String name) throws IOException;

    /** Opens a file to read it and write it. */
    File open(String name) throws IOException;

    /** Gives a file another name, replacing the file that had it, in one step that a crash cannot halve. */
    void rename(String from, String to) throws IOException;

    /** Removes a file; does nothing if there is none. */
    void delete(String name) throws IOException;

    /** How many bytes can still be written, as far as is known. */
    long usableBytes() throws IOException;

    /** Releases the folder. */
    @Override
    void close();

    /** An open file. Reads may run on several threads, also beside one thread that writes. */
    interface File extends Closeable {

        /** Reads at an offset; returns how many bytes, -1 at the end. May read less than there is room for. */
        int read(ByteBuffer into, long offset) throws IOException;

        /** Writes all remaining bytes at an offset. */
        void write(ByteBuffer from, long offset) throws IOException;

        /** Returns when everything written would survive a power cut. */
        void force() throws IOException;

        /** Cuts the file off at a size. */
        void truncate(long size) throws IOException;

        /** Size in bytes. */
        long size() throws IOException;
    }
}
