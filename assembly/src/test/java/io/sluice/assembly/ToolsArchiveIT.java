package io.sluice.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ToolsArchiveIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    private static final String ROOT = Archives.TOOLS_ROOT + "/";

    @TempDir
    static Path folder;

    private static Path home;

    private record Ended(int exitCode, String out, String err) {}

    @BeforeAll
    static void unpack() throws Exception {
        home = unpack("with space");
    }

    private static Path unpack(String name) throws Exception {
        Path parent = Files.createDirectory(folder.resolve(name));
        Process tar =
                new ProcessBuilder("tar", "xzf", Archives.TOOLS_TAR_GZ.toString(), "-C", parent.toString()).start();
        assertThat(tar.waitFor()).isZero();
        return parent.resolve(Archives.TOOLS_ROOT);
    }

    @Test
    void both_archives_have_one_root_folder_with_the_same_files() throws Exception {
        Set<String> names = Archives.toolsTarGz().keySet();

        assertThat(names)
                .allMatch(name -> name.startsWith(ROOT))
                .contains(
                        ROOT + "bin/sluice",
                        ROOT + "bin/sluice.bat",
                        ROOT + "completion/sluice",
                        ROOT + "doc/LICENSE",
                        ROOT + "doc/THIRD-PARTY.txt",
                        ROOT + "doc/cli.md",
                        ROOT + "lib/sluice-tools-" + Archives.VERSION + ".jar");
        assertThat(Archives.toolsZip().keySet()).isEqualTo(names);
    }

    @Test
    void every_library_in_it_is_listed_with_its_licence() throws Exception {
        Map<String, byte[]> files = Archives.toolsTarGz();
        assertThat(Archives.listedLibraries(files, ROOT)).isEqualTo(Archives.libraries(files, ROOT));
    }

    @Test
    void the_checksums_beside_them_are_as_sha512sum_writes_them() throws Exception {
        for (Path archive : List.of(Archives.TOOLS_TAR_GZ, Archives.TOOLS_ZIP)) {
            Archives.assertChecksum(archive);
        }
    }

    @Test
    void its_first_start_leaves_an_archive_from_which_the_next_ones_take_their_classes() throws Exception {
        // Java keeps no classes of a path with spaces.
        Path installed = unpack("plain");
        Path cache = folder.resolve("cache");
        Path loaded = folder.resolve("loaded");
        Map<String, String> environment =
                Map.of("SLUICE_TOOLS_CACHE", cache.toString(), "SLUICE_TOOLS_OPTS", "-Xlog:class+load:file=" + loaded);

        assertThat(run(installed, environment, "--version"))
                .isEqualTo(new Ended(0, "sluice " + Archives.VERSION + "\n", ""));
        assertThat(archives(cache)).hasSize(1);
        assertThat(run(installed, environment, "--version").exitCode()).isZero();

        assertThat(Files.readAllLines(loaded))
                .anyMatch(line -> line.contains("io.sluice.tools.cli.Sluice source: shared objects file"));
    }

    @Test
    @Tag("nightly")
    void an_archive_that_is_broken_or_cannot_be_written_stops_nothing() throws Exception {
        Path cache = folder.resolve("broken");
        run(Map.of("SLUICE_TOOLS_CACHE", cache.toString()), "--version");
        Path archive = archives(cache).get(0);
        assertThat(archive.toFile().setWritable(true)).isTrue();
        Files.writeString(archive, "broken");
        Ended expected = new Ended(0, "sluice " + Archives.VERSION + "\n", "");

        assertThat(run(Map.of("SLUICE_TOOLS_CACHE", cache.toString()), "--version"))
                .isEqualTo(expected);
        assertThat(run(Map.of("SLUICE_TOOLS_CACHE", "/dev/null/none"), "--version"))
                .isEqualTo(expected);
        assertThat(run(Map.of("SLUICE_TOOLS_CACHE", ""), "--version")).isEqualTo(expected);
    }

    @Test
    void it_applies_the_first_configuration_of_the_documentation() throws Exception {
        int port = FreePort.next();
        Path first = Files.write(folder.resolve("first.json"), Archives.zip().get(Archives.ROOT + "etc/first.json"));
        Files.writeString(
                first,
                Files.readString(first)
                        .replace(":1883", ":" + port)
                        .replace("/var/lib/sluice", folder.resolve("buffer").toString()));
        Map<String, String> worker =
                Map.of("SLUICE_WORKER", INSTALLED.worker().rest().url());

        Ended applied = run(worker, "connector", "apply", "-f", first.toString(), "--wait");

        assertThat(applied.exitCode()).as(applied.err()).isZero();
        assertThat(applied.out()).startsWith("sluice: created\n");
        assertThat(run(worker, "connector", "list", "-o", "name").out()).contains("sluice\n");
        assertThat(run(worker, "connector", "delete", "sluice", "--yes").exitCode())
                .isZero();
    }

    private static List<Path> archives(Path cache) throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.toList();
        }
    }

    private static Ended run(Map<String, String> environment, String... arguments) throws Exception {
        return run(home, environment, arguments);
    }

    private static Ended run(Path installed, Map<String, String> environment, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(installed.resolve("bin/sluice").toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("xdg").toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
