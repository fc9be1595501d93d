package io.sluice.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Another folder, for tests that look at, or change, a part of what it does. */
public class ForwardingFolder implements Folder {

    private final Folder folder;

    protected ForwardingFolder(Folder folder) {
        this.folder = folder;
    }

    /** What is handed out for a file that was created or opened. */
    protected File handedOut(String name, File file) {
        return file;
    }

    @Override
    public List<String> names() throws IOException {
        return folder.names();
    }

    @Override
    public File create(String name) throws IOException {
        return handedOut(name, folder.create(name));
    }

    @Override
    public File open(String name) throws IOException {
        return handedOut(name, folder.open(name));
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
        folder.close();
    }

    @Override
    public String toString() {
        return folder.toString();
    }

    /** The same for a file. */
    public static class ForwardingFile implements File {

        private final File file;

        protected ForwardingFile(File file) {
            this.file = file;
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
            file.close();
        }
    }
}
