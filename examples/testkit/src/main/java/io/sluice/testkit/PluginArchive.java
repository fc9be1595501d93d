package io.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Puts a plugin's zip archive where a worker finds it. */
public final class PluginArchive {

    private PluginArchive() {}

    /**
     * Unpacks an archive.
     *
     * @param zip the archive
     * @param pluginPath folder to unpack it into; created if missing
     * @throws UncheckedIOException if it cannot be read or written, or an entry points outside the folder
     */
    public static void unpack(Path zip, Path pluginPath) {
        Path root = pluginPath.toAbsolutePath().normalize();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            Files.createDirectories(root);
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path target = root.resolve(entry.getName()).normalize();
                if (!target.startsWith(root)) {
                    throw new IOException("The entry " + entry.getName() + " points outside the archive");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(in, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot unpack " + zip, e);
        }
    }
}
