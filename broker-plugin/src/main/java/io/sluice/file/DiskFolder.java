package io.sluice.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of a disk, which no other store and no other process can open at the same time. Where the file system knows
 * POSIX permissions, only the owner can read what is made here.
 *
 * <p>A file lock of POSIX belongs to the process: it is gone as soon as the process closes <em>any</em> channel on that
 * file (fcntl(2)). So a folder that this process has open is refused before a channel on its lock file is opened.
 */
public final class DiskFolder implements Folder {

    /** The lock file, which is none of the store's. */
    private static final String LOCK = "lock";

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    /**
     * Channels on lock files of folders that another copy of this class in the same JVM has open, as Kafka Connect loads one
     * for each plugin folder; by file and by whether it is locked to be read. Closed, also by the garbage collector, they
     * would take the other's lock away. So each is tried again in place of a new one, by one thread at a time.
     */
    private static final Map<LockFile, Queue<FileChannel>> REFUSED = new ConcurrentHashMap<>();

    /** @param key by which the file system knows the file, whatever its name; a file that is open keeps it for itself */
    private record LockFile(Object key, boolean shared) {}

    private final Path dir;
    private final Path realDir;
    private final boolean toRead;
    private final @Nullable FileChannel lockChannel;
    private boolean closed;

    private DiskFolder(Path dir, Path realDir, boolean toRead, @Nullable FileChannel lockChannel) {
        this.dir = dir;
        this.realDir = realDir;
        this.toRead = toRead;
        this.lockChannel = lockChannel;
    }

    /**
     * Opens a folder, makes it if it is not there, and locks it.
     *
     * @throws FolderInUseException if it is open elsewhere
     * @throws IOException if it cannot be made, written or locked
     */
    public static DiskFolder open(Path dir) throws IOException {
        create(dir.toAbsolutePath());
        return open(dir, false);
    }

    /**
     * Opens a folder to look at it: nothing in it is made or changed, and until it is closed no store can open it, unless
     * no store ever has. Others may look at it at the same time.
     *
     * @throws FolderInUseException if a store has it open
     * @throws IOException if it is not there, or cannot be read
     */
    public static DiskFolder openToRead(Path dir) throws IOException {
        return open(dir, true);
    }

    /**
     * Opens a folder that a store may have open, to read what cannot change any more: nothing keeps the store from changing
     * and deleting the rest at the same time.
     *
     * @throws IOException if it is not there, or cannot be read
     */
    public static DiskFolder openBesideStore(Path dir) throws IOException {
        DiskFolder folder = new DiskFolder(dir, dir.toRealPath(), true, null);
        folder.closed = true; // it has nothing to give back
        return folder;
    }

    private static DiskFolder open(Path dir, boolean toRead) throws IOException {
        Path realDir = dir.toRealPath();
        if (!OPEN.add(realDir)) {
            throw new FolderInUseException(dir);
        }
        try {
            return new DiskFolder(dir, realDir, toRead, toRead ? lockToRead(dir) : lock(dir));
        } catch (IOException | RuntimeException | Error e) {
            OPEN.remove(realDir);
            throw e;
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
        try {
            Files.createDirectory(dir, ownerOnly("rwx------"));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(dir)) { // else another store was quicker
                throw e;
            }
        }
        if (parent != null) {
            sync(parent);
        }
    }

    private static FileChannel lock(Path dir) throws IOException {
        return lock(dir, false, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static @Nullable FileChannel lockToRead(Path dir) throws IOException {
        try {
            return lock(dir, true, StandardOpenOption.READ);
        } catch (NoSuchFileException noStoreHadIt) {
            return null;
        }
    }

    private static FileChannel lock(Path dir, boolean shared, OpenOption... options) throws IOException {
        Path file = dir.resolve(LOCK);
        Optional<LockFile> known = lockFile(file, shared);
        FileChannel refused = known.map(REFUSED::get).map(Queue::poll).orElse(null);
        FileChannel channel = refused == null ? channel(file, options) : refused;
        try {
            if (channel.tryLock(0, Long.MAX_VALUE, shared) != null) {
                return channel;
            }
        } catch (OverlappingFileLockException heldByThisProcess) {
            if (POSIX) {
                REFUSED.computeIfAbsent(
                                lockFile(file, shared).orElse(new LockFile(channel, shared)),
                                key -> new ConcurrentLinkedQueue<>())
                        .add(channel);
            } else {
                channel.close();
            }
            throw new FolderInUseException(dir);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new FolderInUseException(dir);
    }

    private static Optional<LockFile> lockFile(Path file, boolean shared) {
        try {
            return Optional.ofNullable(Files.readAttributes(file, BasicFileAttributes.class)
                            .fileKey())
                    .map(key -> new LockFile(key, shared));
        } catch (IOException notThere) {
            return Optional.empty();
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
        try (Stream<Path> entries = Files.list(dir)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> !name.equals(LOCK))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public File create(String name) throws IOException {
        requireWritable();
        return new DiskFile(channel(
                dir.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public File open(String name) throws IOException {
        return new DiskFile(
                toRead
                        ? channel(dir.resolve(name), StandardOpenOption.READ)
                        : channel(dir.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        requireWritable();
        Files.move(
                dir.resolve(from),
                dir.resolve(to),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(String name) throws IOException {
        requireWritable();
        Files.deleteIfExists(dir.resolve(name));
    }

    @Override
    public void force() throws IOException {
        sync(dir);
    }

    private void requireWritable() throws IOException {
        if (toRead) {
            throw new IOException(dir + " is open to be read only");
        }
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
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (lockChannel != null) {
                lockChannel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(dir + " cannot be released", e);
        } finally {
            OPEN.remove(realDir);
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
