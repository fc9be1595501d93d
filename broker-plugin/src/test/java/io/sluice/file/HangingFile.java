package io.sluice.file;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CountDownLatch;

/**
 * A file whose reader hangs, as on a network disk whose server is away: a named pipe into which nobody writes.
 *
 * <p>The reader is let go when this is closed.
 */
public final class HangingFile implements AutoCloseable {

    private final Path path;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean isRead;

    /** Takes the place of a file, at once. */
    public HangingFile(Path path) throws IOException, InterruptedException {
        this.path = path;
        Path pipe = path.resolveSibling(path.getFileName() + ".pipe");
        if (new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor() != 0) {
            throw new IOException("mkfifo cannot make " + pipe);
        }
        Files.move(pipe, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Thread writer = new Thread(this::hold, "hanging-file");
        writer.setDaemon(true);
        writer.start();
    }

    /** A pipe can be opened for writing once somebody opens it for reading. */
    private void hold() {
        try (OutputStream out = Files.newOutputStream(path)) {
            isRead = true;
            over.await();
            out.flush();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether somebody has begun to read it, and hangs. */
    public boolean isRead() {
        return isRead;
    }

    @Override
    public void close() throws IOException {
        over.countDown();
        // Lets go a writer whom nobody reads.
        new RandomAccessFile(path.toFile(), "rw").close();
    }
}
