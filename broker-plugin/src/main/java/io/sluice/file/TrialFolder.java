package io.sluice.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder as it would become: what is done to it stays in memory, where it takes as much as is written, and the
 * underlying folder is only read. It tells what would be done to the files that are there. Not thread-safe.
 */
public final class TrialFolder implements Folder {

    /** What would be done to a file. */
    public enum Deed {
        /** It would be deleted. */
        DELETED,
        /** It would get the name that is told. */
        RENAMED,
        /** It would be cut off, by the number of bytes that is told. */
        CUT,
        /** Its first bytes would be written over. */
        BEGUN_ANEW
    }

    /**
     * Something that would be done.
     *
     * @param file the file's name until then
     * @param detail the new name, or a number of bytes; empty for other deeds
     */
    public record Change(Deed deed, String file, String detail) {}

    private static final long UNKNOWN = -1;

    private final Folder folder;
    private final Map<String, TrialFile> files = new LinkedHashMap<>();
    private final List<Change> changes = new ArrayList<>();

    /** @param folder what is there; it stays open */
    public TrialFolder(Folder folder) throws IOException {
        this.folder = folder;
        for (String name : folder.names()) {
            files.put(name, new TrialFile(name, true));
        }
    }

    /** What would be done to files that are there, in the order in which it would be done. */
    public List<Change> changes() {
        return List.copyOf(changes);
    }

    @Override
    public List<String> names() {
        return List.copyOf(files.keySet());
    }

    @Override
    public File create(String name) throws IOException {
        if (files.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        TrialFile file = new TrialFile(name, false);
        files.put(name, file);
        return file;
    }

    @Override
    public File open(String name) throws IOException {
        TrialFile file = files.get(name);
        if (file == null) {
            throw new NoSuchFileException(name);
        }
        return file.opened();
    }

    @Override
    public void rename(String from, String to) throws IOException {
        TrialFile file = files.remove(from);
        if (file == null) {
            throw new NoSuchFileException(from);
        }
        files.put(to, file);
        file.done(Deed.RENAMED, to);
    }

    @Override
    public void delete(String name) {
        TrialFile file = files.remove(name);
        if (file != null) {
            file.done(Deed.DELETED, "");
        }
    }

    @Override
    public void force() {}

    @Override
    public long usableBytes() throws IOException {
        return folder.usableBytes();
    }

    /** Leaves the underlying folder open. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return folder.toString();
    }

    /** What is there up to some size, with copies of those blocks that were written to. */
    private final class TrialFile implements File {

        private static final int BLOCK = 1 << 16;

        private final String name;
        private final boolean isThere;
        private final Map<Long, byte[]> written = new HashMap<>();
        private long bytesThere = UNKNOWN;
        private long size;

        TrialFile(String name, boolean isThere) {
            this.name = name;
            this.isThere = isThere;
        }

        private TrialFile opened() throws IOException {
            if (isThere && bytesThere == UNKNOWN) {
                try (File there = folder.open(name)) {
                    bytesThere = there.size();
                    size = bytesThere;
                }
            }
            return this;
        }

        private void done(Deed deed, String detail) {
            if (isThere) {
                changes.add(new Change(deed, name, detail));
            }
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            int length = (int) Math.min(into.remaining(), size - offset);
            if (length <= 0) {
                return -1;
            }
            int inBlock = (int) (offset % BLOCK);
            int part = Math.min(length, BLOCK - inBlock);
            byte[] block = written.get(offset / BLOCK);
            into.put(block == null ? readThere(offset, part) : Arrays.copyOfRange(block, inBlock, inBlock + part));
            return part;
        }

        /** Bytes of the underlying file; zeros where it has none. */
        private byte[] readThere(long offset, int length) throws IOException {
            byte[] bytes = new byte[length];
            if (offset < bytesThere) {
                try (File there = folder.open(name)) {
                    there.fill(ByteBuffer.wrap(bytes, 0, (int) Math.min(length, bytesThere - offset)), offset);
                }
            }
            return bytes;
        }

        @Override
        public void write(ByteBuffer from, long offset) throws IOException {
            if (offset == 0) {
                done(Deed.BEGUN_ANEW, "");
            }
            long at = offset;
            while (from.hasRemaining()) {
                int inBlock = (int) (at % BLOCK);
                int part = Math.min(from.remaining(), BLOCK - inBlock);
                byte[] block = written.get(at / BLOCK);
                if (block == null) {
                    block = readThere(at - inBlock, BLOCK);
                    written.put(at / BLOCK, block);
                }
                from.get(block, inBlock, part);
                at += part;
            }
            size = Math.max(size, at);
        }

        @Override
        public void force() {}

        @Override
        public void truncate(long to) {
            if (to >= size) {
                return;
            }
            done(Deed.CUT, Long.toString(size - to));
            size = to;
            bytesThere = Math.min(bytesThere, to);
            written.keySet().removeIf(block -> block * BLOCK >= to);
            byte[] last = written.get(to / BLOCK);
            if (last != null) {
                Arrays.fill(last, (int) (to % BLOCK), BLOCK, (byte) 0);
            }
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void close() {}
    }
}
