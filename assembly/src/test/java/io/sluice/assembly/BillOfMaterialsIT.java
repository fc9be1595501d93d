package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bill of materials (CycloneDX) beside the archives; Maven leaves it out when it is offline. */
class BillOfMaterialsIT {

    private static final Path FILE = Path.of(Archives.property("sluice.bill.of.materials"));

    @BeforeEach
    void it_was_made() {
        assumeThat(FILE).exists();
    }

    @Test
    void it_lists_every_library_of_both_archives_and_nothing_else() throws IOException {
        Set<String> listed = components()
                .map(component -> component.path("name").asText() + "-"
                        + component.path("version").asText() + ".jar")
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> bundled = Stream.concat(Archives.zip().keySet().stream(), Archives.brokerTarGz().keySet().stream())
                .filter(name -> name.contains("/lib/"))
                .map(name -> name.substring(name.lastIndexOf('/') + 1))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(listed).isEqualTo(bundled);
    }

    @Test
    void it_names_a_licence_of_each() throws IOException {
        assertThat(components())
                .allSatisfy(component -> assertThat(component.path("licenses"))
                        .as(component.path("name").asText())
                        .isNotEmpty());
    }

    @Test
    void whoever_builds_it_gets_the_same_bytes() throws IOException {
        assertThat(Files.readString(FILE, UTF_8))
                .doesNotContain("\"timestamp\"", "serialNumber", Documents.ROOT.toString());
    }

    private static Stream<JsonNode> components() throws IOException {
        JsonNode components = new JsonMapper().readTree(FILE.toFile()).path("components");
        return Stream.iterate(0, i -> i < components.size(), i -> i + 1).map(components::get);
    }
}
