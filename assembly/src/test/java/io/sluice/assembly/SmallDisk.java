package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.testkit.TemporaryFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/** A file system of its own, in memory, that can be filled and freed. It outlives the processes that use it. */
final class SmallDisk implements AutoCloseable {

    private static final int CHUNK = 1 << 16;

    private final TemporaryFolder folder;
    private boolean mounted = true;

    private SmallDisk(TemporaryFolder folder) {
        this.folder = folder;
    }

    /** Mounts one; empty if this user may not. */
    static Optional<SmallDisk> mount(int mebibytes) throws IOException, InterruptedException {
        TemporaryFolder folder = TemporaryFolder.create("sluice-disk-");
        if (run(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=" + mebibytes + "m",
                "tmpfs",
                folder.path().toString())) {
            SmallDisk disk = new SmallDisk(folder);
            Runtime.getRuntime().addShutdownHook(new Thread(disk::unmount, "unmount"));
            return Optional.of(disk);
        }
        folder.close();
        return Optional.empty();
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            boolean done = process.waitFor() == 0;
            if (!done) {
                System.out.println(output);
            }
            return done;
        } catch (IOException absent) {
            return false;
        }
    }

    Path path() {
        return folder.path();
    }

    private Path filler() {
        return folder.path().resolve("filler");
    }

    /** Takes what is free. */
    void fill() throws IOException {
        byte[] chunk = new byte[CHUNK];
        try (OutputStream out = Files.newOutputStream(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (folder.path().toFile().getUsableSpace() > 0) {
                out.write(chunk);
            }
        } catch (IOException full) {
            if (folder.path().toFile().getUsableSpace() > 0) {
                throw full;
            }
        }
    }

    /** Gives back what was taken. */
    void free() throws IOException {
        Files.deleteIfExists(filler());
    }

    /** Also while a process still uses it. Idempotent. */
    private synchronized void unmount() {
        try {
            if (mounted) {
                mounted = !run("umount", "-l", folder.path().toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        unmount();
        folder.close();
    }
}
