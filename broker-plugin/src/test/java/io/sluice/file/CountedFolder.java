package io.sluice.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Another folder, which counts how many of its files are open. */
public final class CountedFolder implements Folder {

    private final Folder folder;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicBoolean released = new AtomicBoolean();

    public CountedFolder(Folder folder) {
        this.folder = folder;
    }

    public int openFiles() {
        return open.get();
    }

    public boolean isReleased() {
        return released.get();
    }

    @Override
    public List<String> names() throws IOException {
        return folder.names();
    }

    @Override
    public File create(String name) throws IOException {
        return new CountedFile(folder.create(name));
    }

    @Override
    public File open(String name) throws IOException {
        return new CountedFile(folder.open(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        folder.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        folder.delete(name);
    }

    @Override
    public void force() throws IOException {
        folder.force();
    }

    @Override
    public long usableBytes() throws IOException {
        return folder.usableBytes();
    }

    @Override
    public void close() {
        released.set(true);
        folder.close();
    }

    @Override
    public String toString() {
        return folder.toString();
    }

    private final class CountedFile implements File {

        private final File file;
        private final AtomicBoolean closed = new AtomicBoolean();

        CountedFile(File file) {
            this.file = file;
            open.incrementAndGet();
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            return file.read(into, offset);
        }

        @Override
        public void write(ByteBuffer from, long offset) throws IOException {
            file.write(from, offset);
        }

        @Override
        public void force() throws IOException {
            file.force();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            if (closed.compareAndSet(false, true)) {
                open.decrementAndGet();
            }
            file.close();
        }
    }
}
