package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginArchiveIT {

    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void it_has_one_root_folder_with_the_parts_that_a_component_archive_must_have() throws Exception {
        Set<String> names = Archives.zip().keySet();

        assertThat(names).allMatch(name -> name.startsWith(Archives.ROOT));
        assertThat(names)
                .contains(
                        Archives.ROOT + "manifest.json",
                        Archives.ROOT + "doc/LICENSE",
                        Archives.ROOT + "doc/README.md",
                        Archives.ROOT + "doc/configuration.md",
                        Archives.ROOT + "doc/design.md",
                        Archives.ROOT + "doc/fleet.md",
                        Archives.ROOT + "doc/troubleshooting.md",
                        Archives.ROOT + "doc/THIRD-PARTY.txt",
                        Archives.ROOT + "doc/version.txt",
                        Archives.ROOT + "etc/first.json",
                        Archives.ROOT + "etc/monitoring/sluice-dashboard.json",
                        Archives.ROOT + "etc/monitoring/sluice-jmx.yaml",
                        Archives.ROOT + "lib/sluice-connect-source-" + Archives.VERSION + ".jar",
                        Archives.ROOT + "lib/sluice-broker-plugin-" + Archives.VERSION + ".jar");
    }

    @Test
    void zip_and_tar_gz_hold_the_same_files() throws Exception {
        Map<String, byte[]> zip = Archives.zip();
        Map<String, byte[]> tarGz = Archives.tarGz();

        assertThat(tarGz.keySet()).isEqualTo(zip.keySet());
        zip.forEach((name, content) -> assertThat(tarGz.get(name)).as(name).isEqualTo(content));
    }

    @ParameterizedTest
    @ValueSource(strings = {".zip", ".tar.gz"})
    void the_checksum_beside_it_is_as_sha512sum_writes_it(String extension) throws Exception {
        Archives.assertChecksum(extension.equals(".zip") ? Archives.ZIP : Archives.TAR_GZ);
    }

    @Test
    void the_manifest_says_what_it_is_and_whose() throws Exception {
        JsonNode manifest = JSON.readTree(Archives.zip().get(Archives.ROOT + "manifest.json"));

        assertThat(manifest.path("name").asText()).isEqualTo("mqtt-source");
        assertThat(manifest.path("version").asText()).isEqualTo(Archives.VERSION);
        assertThat(manifest.at("/owner/username").asText()).isEqualTo("sluice");
        assertThat(manifest.path("component_types")).map(JsonNode::asText).containsExactly("source");
        assertThat(manifest.at("/features/delivery_guarantee"))
                .map(JsonNode::asText)
                .containsExactlyInAnyOrder("at_least_once", "exactly_once");
        assertThat(manifest.path("title").asText()).isNotBlank();
        assertThat(manifest.path("description").asText()).isNotBlank();
        assertThat(manifest.at("/license/0/name").asText()).contains("Apache License");
        assertThat(Archives.zip())
                .containsKey(Archives.ROOT + manifest.at("/owner/logo").asText());
        assertThat(manifest.toString()).doesNotContain("${");
    }

    @Test
    void the_version_file_names_the_version() throws Exception {
        assertThat(text(Archives.ROOT + "doc/version.txt"))
                .contains("sluice-mqtt-source " + Archives.VERSION)
                .doesNotContain("${");
    }

    /** Kafka has it since 4.2; {@code --property} works in all that the archive runs in. */
    @Test
    void the_documentation_asks_for_no_option_that_an_older_kafka_refuses() throws Exception {
        assertThat(Archives.zip().keySet()).contains(Archives.ROOT + "doc/README.md");
        Archives.zip().forEach((name, content) -> {
            if (!name.endsWith(".jar")) {
                assertThat(new String(content, UTF_8)).as(name).doesNotContain("--formatter-property");
            }
        });
    }

    @Test
    void it_brings_nothing_that_the_worker_brings() throws Exception {
        List<String> workers = List.of("org/apache/kafka/", "org/slf4j/", "jakarta/ws/rs/", "org/apache/log4j/");

        for (Map.Entry<String, byte[]> jar : libraries().entrySet()) {
            assertThat(contentsOf(jar.getValue()).keySet())
                    .as(jar.getKey())
                    .noneMatch(entry -> workers.stream().anyMatch(entry::startsWith));
        }
    }

    @Test
    void every_library_in_it_is_listed_with_its_licence() throws Exception {
        Set<String> listed = text(Archives.ROOT + "doc/THIRD-PARTY.txt")
                .lines()
                .filter(line -> line.matches("[a-z0-9-]+ {2,}\\S+-[0-9.]+.*"))
                .map(line -> line.split(" ", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> bundled = libraries().keySet().stream()
                .map(jar -> jar.replaceFirst("-[0-9].*", ""))
                .filter(library -> !library.startsWith("sluice-"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(listed).isEqualTo(bundled);
    }

    @Test
    void workers_find_the_connector_by_its_service_file() throws Exception {
        byte[] jar = libraries().get("sluice-connect-source-" + Archives.VERSION + ".jar");
        byte[] services = contentsOf(jar).get("META-INF/services/org.apache.kafka.connect.source.SourceConnector");

        assertThat(services).isNotNull();
        assertThat(new String(services, UTF_8).strip()).isEqualTo("io.sluice.connect.MqttSourceConnector");
    }

    @Test
    void whoever_builds_it_gets_the_same_bytes() throws Exception {
        FileTime stamp = FileTime.from(Instant.parse(Archives.property("build.stamp")));
        List<Archives.Entry> entries = new ArrayList<>(Archives.entries());
        for (Map.Entry<String, byte[]> jar : libraries().entrySet()) {
            if (jar.getKey().startsWith("sluice-")) {
                entries.addAll(Archives.entriesOf(new ZipArchiveInputStream(new ByteArrayInputStream(jar.getValue()))));
            }
        }

        Path root = Path.of("").toAbsolutePath().resolveSibling("");
        String[] folders = Stream.of("assembly", "broker-plugin", "connect-source")
                .map(module -> root.resolve(module).toString())
                .toArray(String[]::new);
        assertThat(entries).hasSizeGreaterThan(200).allSatisfy(entry -> {
            assertThat(entry.modified()).as(entry.name()).isEqualTo(stamp);
            assertThat(new String(entry.content(), ISO_8859_1)).as(entry.name()).doesNotContain(folders);
            if (entry.name().equals(JarFile.MANIFEST_NAME)) {
                // neither a host nor a user
                assertThat(new Manifest(new ByteArrayInputStream(entry.content()))
                                .getMainAttributes()
                                .keySet())
                        .extracting(Object::toString)
                        .isSubsetOf(
                                "Manifest-Version",
                                "Created-By",
                                "Java-Version",
                                "Build-Jdk-Spec",
                                "Implementation-Title",
                                "Implementation-Version");
            }
        });
    }

    private static Map<String, byte[]> libraries() throws IOException {
        String folder = Archives.ROOT + "lib/";
        return Archives.zip().entrySet().stream()
                .filter(file -> file.getKey().startsWith(folder))
                .collect(Collectors.toMap(file -> file.getKey().substring(folder.length()), Map.Entry::getValue));
    }

    private static Map<String, byte[]> contentsOf(byte[] jar) throws IOException {
        return Archives.filesOf(new ZipArchiveInputStream(new ByteArrayInputStream(jar)));
    }

    private static String text(String name) throws IOException {
        return new String(Archives.zip().get(name), UTF_8);
    }
}
