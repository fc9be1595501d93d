package io.sluice.assembly;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** What the build has packed. */
final class Archives {

    static final String VERSION = property("sluice.version");
    static final String ROOT = "sluice-mqtt-source-" + VERSION + "/";
    static final Path ZIP = Path.of(property("sluice.archive") + ".zip");
    static final Path TAR_GZ = Path.of(property("sluice.archive") + ".tar.gz");

    static final String BROKER_ROOT = "sluice-broker-" + VERSION;
    static final Path BROKER_TAR_GZ = Path.of(property("sluice.broker.archive") + ".tar.gz");

    private Archives() {}

    /** The files of the zip, by name. */
    static Map<String, byte[]> zip() throws IOException {
        return filesOf(new ZipArchiveInputStream(Files.newInputStream(ZIP)));
    }

    /** The files of the tar.gz, by name. */
    static Map<String, byte[]> tarGz() throws IOException {
        return filesOfTarGz(TAR_GZ);
    }

    /** The files of the broker's tar.gz, by name. */
    static Map<String, byte[]> brokerTarGz() throws IOException {
        return filesOfTarGz(BROKER_TAR_GZ);
    }

    private static Map<String, byte[]> filesOfTarGz(Path archive) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(archive));
        return filesOf(new TarArchiveInputStream(new GzipCompressorInputStream(in)));
    }

    /** The files in an archive, by name. */
    static Map<String, byte[]> filesOf(ArchiveInputStream<?> archive) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (archive) {
            for (ArchiveEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                if (!entry.isDirectory()) {
                    files.put(entry.getName(), archive.readAllBytes());
                }
            }
        }
        return files;
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("Run by Maven, which sets the system property " + name);
        }
        return value;
    }
}
