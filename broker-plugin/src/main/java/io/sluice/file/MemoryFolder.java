package io.sluice.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A folder in memory, gone with the process. It takes half of the heap: to whoever writes, what is beyond it is a disk that is
 * full, and the rest of the process lives on.
 */
public final class MemoryFolder implements Folder {

    private static final int BLOCK = 64 * 1024;

    private final ConcurrentMap<String, MemoryFile> files = new ConcurrentHashMap<>();
    private final AtomicLong blocksTaken = new AtomicLong();
    private final long mostBlocks;

    public MemoryFolder() {
        this(Runtime.getRuntime().maxMemory() / 2);
    }

    /** @param mostBytes of all files together, in blocks of 64 KiB */
    MemoryFolder(long mostBytes) {
        mostBlocks = mostBytes / BLOCK;
    }

    @Override
    public List<String> names() {
        return List.copyOf(files.keySet());
    }

    @Override
    public File create(String name) throws FileAlreadyExistsException {
        MemoryFile file = new MemoryFile();
        if (files.putIfAbsent(name, file) != null) {
            throw new FileAlreadyExistsException(name);
        }
        return file;
    }

    @Override
    public File open(String name) throws NoSuchFileException {
        MemoryFile file = files.get(name);
        if (file == null) {
            throw new NoSuchFileException(name);
        }
        return file;
    }

    @Override
    public void rename(String from, String to) throws NoSuchFileException {
        MemoryFile file = files.remove(from);
        if (file == null) {
            throw new NoSuchFileException(from);
        }
        giveBack(files.put(to, file));
    }

    @Override
    public void delete(String name) {
        giveBack(files.remove(name));
    }

    private void giveBack(@Nullable MemoryFile gone) {
        if (gone != null) {
            blocksTaken.addAndGet(-gone.blocks.length);
        }
    }

    @Override
    public void force() {}

    @Override
    public long usableBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public void close() {
        files.clear();
    }

    @Override
    public String toString() {
        return "memory";
    }

    /**
     * A file in blocks. Readers look only at bytes whose end was published to them, so that blocks need no lock: what a
     * reader is shown was written before.
     */
    private final class MemoryFile implements File {

        private volatile byte[][] blocks = new byte[0][];
        private volatile long size;

        @Override
        public int read(ByteBuffer into, long offset) {
            long available = size - offset;
            if (available <= 0) {
                return -1;
            }
            byte[][] from = blocks;
            int length = (int) Math.min(available, into.remaining());
            for (int done = 0; done < length; ) {
                long at = offset + done;
                int inBlock = (int) (at % BLOCK);
                int part = Math.min(length - done, BLOCK - inBlock);
                into.put(from[(int) (at / BLOCK)], inBlock, part);
                done += part;
            }
            return length;
        }

        @Override
        public synchronized void write(ByteBuffer from, long offset) throws IOException {
            long end = offset + from.remaining();
            growTo(end);
            byte[][] to = blocks;
            for (long at = offset; at < end; ) {
                int inBlock = (int) (at % BLOCK);
                int part = (int) Math.min(end - at, BLOCK - inBlock);
                from.get(to[(int) (at / BLOCK)], inBlock, part);
                at += part;
            }
            size = Math.max(size, end);
        }

        private void growTo(long end) throws IOException {
            int needed = (int) ((end + BLOCK - 1) / BLOCK);
            int had = blocks.length;
            if (needed > had) {
                if (blocksTaken.get() + needed - had > mostBlocks) {
                    throw new IOException("half of the heap is taken, which is the most");
                }
                blocks = grown(had, needed);
                blocksTaken.addAndGet(needed - had);
            }
        }

        private byte[][] grown(int had, int needed) throws IOException {
            try {
                byte[][] grown = Arrays.copyOf(blocks, needed);
                for (int i = had; i < needed; i++) {
                    grown[i] = new byte[BLOCK];
                }
                return grown;
            } catch (OutOfMemoryError e) {
                throw new IOException("the heap has no space left", e);
            }
        }

        @Override
        public void force() {}

        @Override
        public synchronized void truncate(long size) {
            this.size = Math.min(this.size, size);
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void close() {}
    }
}
