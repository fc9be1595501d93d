package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
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

    static final String TOOLS_ROOT = "sluice-tools-" + VERSION;
    static final Path TOOLS_ZIP = Path.of(property("sluice.tools.archive") + ".zip");
    static final Path TOOLS_TAR_GZ = Path.of(property("sluice.tools.archive") + ".tar.gz");

    private Archives() {}

    /** An entry of an archive: a file, or a folder without content. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Entry(String name, FileTime modified, byte[] content) {}

    /** All entries of the archives. */
    static List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>(entriesOf(new ZipArchiveInputStream(Files.newInputStream(ZIP))));
        entries.addAll(entriesOf(openTarGz(TAR_GZ)));
        entries.addAll(entriesOf(openTarGz(BROKER_TAR_GZ)));
        entries.addAll(entriesOf(new ZipArchiveInputStream(Files.newInputStream(TOOLS_ZIP))));
        entries.addAll(entriesOf(openTarGz(TOOLS_TAR_GZ)));
        return entries;
    }

    /** All entries of an archive. */
    static List<Entry> entriesOf(ArchiveInputStream<?> archive) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (archive) {
            for (ArchiveEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                entries.add(new Entry(entry.getName(), modified(entry), archive.readAllBytes()));
            }
        }
        return entries;
    }

    /** A zip knows the time of day, and not where. */
    private static FileTime modified(ArchiveEntry entry) {
        return entry instanceof ZipArchiveEntry zipped
                ? FileTime.from(zipped.getTimeLocal().toInstant(ZoneOffset.UTC))
                : FileTime.from(entry.getLastModifiedDate().toInstant());
    }

    /** The files of the zip, by name. */
    static Map<String, byte[]> zip() throws IOException {
        return filesOf(new ZipArchiveInputStream(Files.newInputStream(ZIP)));
    }

    /** The files of the tar.gz, by name. */
    static Map<String, byte[]> tarGz() throws IOException {
        return filesOf(openTarGz(TAR_GZ));
    }

    /** The files of the broker's tar.gz, by name. */
    static Map<String, byte[]> brokerTarGz() throws IOException {
        return filesOf(openTarGz(BROKER_TAR_GZ));
    }

    /** The files of the command line's zip, by name. */
    static Map<String, byte[]> toolsZip() throws IOException {
        return filesOf(new ZipArchiveInputStream(Files.newInputStream(TOOLS_ZIP)));
    }

    /** The files of the command line's tar.gz, by name. */
    static Map<String, byte[]> toolsTarGz() throws IOException {
        return filesOf(openTarGz(TOOLS_TAR_GZ));
    }

    private static TarArchiveInputStream openTarGz(Path archive) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(archive));
        return new TarArchiveInputStream(new GzipCompressorInputStream(in));
    }

    /** The files in an archive, by name. */
    static Map<String, byte[]> filesOf(ArchiveInputStream<?> archive) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        for (Entry entry : entriesOf(archive)) {
            if (!entry.name().endsWith("/")) {
                files.put(entry.name(), entry.content());
            }
        }
        return files;
    }

    /** The libraries in an archive that are not of this project, by the first part of their files' names. */
    static Set<String> libraries(Map<String, byte[]> files, String root) {
        return files.keySet().stream()
                .filter(name -> name.startsWith(root + "lib/"))
                .map(name -> name.substring((root + "lib/").length()).replaceFirst("-[0-9].*", ""))
                .filter(library -> !library.startsWith("sluice-"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The libraries that an archive lists with their licences. */
    static Set<String> listedLibraries(Map<String, byte[]> files, String root) {
        return new String(files.get(root + "doc/THIRD-PARTY.txt"), UTF_8)
                .lines()
                .filter(line -> line.matches("[a-zA-Z0-9.-]+ {2,}(\\S+-[0-9.]+|MIT).*"))
                .map(line -> line.split(" ", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Checks that the checksum beside an archive is as sha512sum writes it. */
    static void assertChecksum(Path archive) throws IOException, NoSuchAlgorithmException {
        String name = archive.getFileName().toString();
        byte[] digest = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive));

        assertThat(archive.resolveSibling(name + ".sha512"))
                .content()
                .isEqualToIgnoringNewLines(HexFormat.of().formatHex(digest) + "  " + name);
    }

    static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("Run by Maven, which sets the system property " + name);
        }
        return value;
    }
}
