package io.sluice.buffer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of a buffer in a folder of a disk, which no other buffer and no other process can open at the same time.
 * Where the file system knows POSIX permissions, only the owner can read what is made here.
 */
final class DiskStorage implements Storage {

    private static final String LOCK = "lock";
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private final Path dir;
    private final FileChannel lockChannel;

    private DiskStorage(Path dir, FileChannel lockChannel) {
        this.dir = dir;
        this.lockChannel = lockChannel;
    }

    /**
     * Opens a folder, makes it if it is not there, and locks it.
     *
     * @throws BufferException if it cannot be made, written or locked
     */
    static DiskStorage open(Path dir) {
        try {
            create(dir.toAbsolutePath());
            return new DiskStorage(dir, lock(dir));
        } catch (IOException e) {
            throw new BufferException("buffer.dir " + dir + " cannot be opened: " + e, e);
        }
    }

    /** Makes a folder, and those it is to be in, so that a power cut does not take them away again. */
    private static void create(Path dir) throws IOException {
        if (Files.isDirectory(dir)) {
            return;
        }
        Path parent = dir.getParent();
        if (parent != null) {
            create(parent);
        }
        Files.createDirectory(dir, ownerOnly("rwx------"));
        if (parent != null) {
            sync(parent);
        }
    }

    private static FileChannel lock(Path dir) throws IOException {
        FileChannel channel = channel(dir.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
            FileLock lock = tryLock(channel);
            if (lock == null) {
                throw new BufferException("buffer.dir " + dir
                        + " is in use by another broker; give each broker a folder of its own, or wait until it is"
                        + " closed");
            }
            locked = true;
            return channel;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    private static FileAttribute<?>[] ownerOnly(String permissions) {
        if (!POSIX) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }

    private static FileChannel channel(Path path, OpenOption... options) throws IOException {
        return FileChannel.open(path, Set.of(options), ownerOnly("rw-------"));
    }

    @Override
    public List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (var entries = Files.newDirectoryStream(dir)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (!name.equals(LOCK)) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    @Override
    public File create(String name) throws IOException {
        FileChannel channel = channel(
                dir.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            syncFolder();
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new DiskFile(channel);
    }

    @Override
    public File open(String name) throws IOException {
        return new DiskFile(channel(dir.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(
                dir.resolve(from),
                dir.resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        syncFolder();
    }

    @Override
    public void delete(String name) throws IOException {
        if (Files.deleteIfExists(dir.resolve(name))) {
            syncFolder();
        }
    }

    private void syncFolder() throws IOException {
        sync(dir);
    }

    /** A folder can be opened to be synced on POSIX systems only; others keep their folders safe by themselves. */
    private static void sync(Path folderPath) throws IOException {
        if (POSIX) {
            try (FileChannel folder = FileChannel.open(folderPath, StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }

    @Override
    public long usableBytes() throws IOException {
        return Files.getFileStore(dir).getUsableSpace();
    }

    @Override
    public void close() {
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw new BufferException("buffer.dir " + dir + " cannot be released: " + e, e);
        }
    }

    @Override
    public String toString() {
        return dir.toString();
    }

    private record DiskFile(FileChannel channel) implements File {

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            return channel.read(into, offset);
        }

        @Override
        public void write(ByteBuffer from, long offset) throws IOException {
            long at = offset;
            while (from.hasRemaining()) {
                at += channel.write(from, at);
            }
        }

        /** Without the file's times: its size is synced with the data, as {@code fdatasync} does. */
        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
