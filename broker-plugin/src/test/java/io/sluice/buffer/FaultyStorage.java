package io.sluice.buffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A disk that can be made to fail, and that knows what would be left after a power cut. Folder operations are durable at
 * once, as a storage promises; bytes only when they were forced. All under one lock.
 */
final class FaultyStorage implements Storage {

    /** What a file holds, and what of it is safe. */
    private static final class Content {
        byte[] current = new byte[0];
        byte[] safe = new byte[0];
        boolean forceFailed;
    }

    /** One file at the moment before it is forced: what is safe already, and what is about to be. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Forcing(String name, Map<String, byte[]> disk, byte[] safe, byte[] current) {}

    /** Looks on, and may make it fail. */
    interface OnForce {
        void force(Forcing forcing) throws IOException;
    }

    private final TreeMap<String, Content> files = new TreeMap<>();
    private long room = Long.MAX_VALUE;
    private Predicate<String> failingWrites = name -> false;
    private Predicate<String> failingReads = name -> false;
    private Runnable afterEachStep = () -> {};
    private OnForce onForce = forcing -> {};
    private boolean cut;

    /** An empty disk. */
    FaultyStorage() {}

    /** A disk with these files, all of them safe. */
    FaultyStorage(Map<String, byte[]> disk) {
        disk.forEach((name, bytes) -> {
            Content content = new Content();
            content.current = bytes.clone();
            content.safe = bytes.clone();
            files.put(name, content);
        });
    }

    /** From now on only so many bytes can be written. */
    synchronized void setRoom(long bytes) {
        room = bytes;
    }

    synchronized void failWritesTo(Predicate<String> names) {
        failingWrites = names;
    }

    synchronized void failReadsFrom(Predicate<String> names) {
        failingReads = names;
    }

    /** Called after whatever changes what a crash would leave. */
    synchronized void afterEachStep(Runnable action) {
        afterEachStep = action;
    }

    synchronized void onForce(OnForce action) {
        onForce = action;
    }

    /** Nothing reaches the disk any more, as if its cable were cut: the process that uses it may close in peace. */
    synchronized Map<String, byte[]> cut() {
        cut = true;
        return current();
    }

    /** The files as the running process sees them, which is what a killed process leaves. */
    synchronized Map<String, byte[]> current() {
        Map<String, byte[]> disk = new TreeMap<>();
        files.forEach((name, content) -> disk.put(name, content.current.clone()));
        return disk;
    }

    /** The files as a power cut would leave them at worst. */
    synchronized Map<String, byte[]> safe() {
        Map<String, byte[]> disk = new TreeMap<>();
        files.forEach((name, content) -> disk.put(name, content.safe.clone()));
        return disk;
    }

    @Override
    public synchronized List<String> names() {
        return List.copyOf(files.keySet());
    }

    @Override
    public synchronized File create(String name) throws IOException {
        requireConnected();
        if (files.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        files.put(name, new Content());
        afterEachStep.run();
        return open(name);
    }

    @Override
    public synchronized File open(String name) throws IOException {
        Content content = files.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return new FaultyFile(name, content);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        requireConnected();
        Content content = files.remove(from);
        if (content == null) {
            throw new NoSuchFileException(from);
        }
        files.put(to, content);
        afterEachStep.run();
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        requireConnected();
        Content content = files.remove(name);
        if (content != null) {
            give(content.current.length);
            afterEachStep.run();
        }
    }

    private void give(long bytes) {
        room = room == Long.MAX_VALUE ? room : room + bytes;
    }

    @Override
    public synchronized long usableBytes() {
        return room;
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "test disk";
    }

    private void requireConnected() throws IOException {
        if (cut) {
            throw new IOException("the disk is gone");
        }
    }

    private final class FaultyFile implements File {
        private final String name;
        private final Content content;

        FaultyFile(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            synchronized (FaultyStorage.this) {
                if (failingReads.test(name)) {
                    throw new IOException("Input/output error");
                }
                int available = (int) (content.current.length - offset);
                if (available <= 0) {
                    return -1;
                }
                int length = Math.min(available, into.remaining());
                into.put(content.current, (int) offset, length);
                return length;
            }
        }

        @Override
        public void write(ByteBuffer from, long offset) throws IOException {
            synchronized (FaultyStorage.this) {
                requireConnected();
                if (failingWrites.test(name)) {
                    throw new IOException("Input/output error");
                }
                int written = (int) Math.min(room, from.remaining());
                int end = (int) offset + written;
                if (end > content.current.length) {
                    content.current = Arrays.copyOf(content.current, end);
                }
                from.get(content.current, (int) offset, written);
                room = room == Long.MAX_VALUE ? room : room - written;
                afterEachStep.run();
                if (from.hasRemaining()) {
                    throw new IOException("No space left on device");
                }
            }
        }

        /** After a force has failed, a second one could only lie, as on Linux: it is an error in the buffer to ask. */
        @Override
        public void force() throws IOException {
            synchronized (FaultyStorage.this) {
                requireConnected();
                if (content.forceFailed) {
                    throw new AssertionError(name + " was forced again after a force had failed");
                }
                byte[] about = content.current.clone();
                content.forceFailed = true;
                onForce.force(new Forcing(name, FaultyStorage.this.safe(), content.safe, about));
                content.forceFailed = false;
                content.safe = about;
                afterEachStep.run();
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (FaultyStorage.this) {
                requireConnected();
                if (size < content.current.length) {
                    give(content.current.length - size);
                    content.current = Arrays.copyOf(content.current, (int) size);
                }
            }
        }

        @Override
        public long size() {
            synchronized (FaultyStorage.this) {
                return content.current.length;
            }
        }

        @Override
        public void close() {}
    }
}
