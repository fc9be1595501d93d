package io.sluice.tools.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.sluice.tools.Connector;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {

    @Test
    void each_connector_has_a_folder_of_its_own_in_the_bundle() {
        List<String> names = List.of("line 1", "line_1", "line/1", "line%201", "line\\1", "..", ".", "__", "\u00fc");

        assertThat(names.stream().map(Bundle::fileName))
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("[a-zA-Z0-9_%-][a-zA-Z0-9._%-]*"));
        assertThat(Bundle.fileName("line-1.b_c")).isEqualTo("line-1.b_c");
    }

    @Test
    void a_login_in_one_of_several_addresses_is_masked_wherever_that_address_stands(@TempDir Path folder)
            throws Exception {
        Bundle bundle = new Bundle();
        bundle.add(new Connector("a", Map.of("registry.url", "https://ann:hunter2@one,https://two")));
        bundle.add("status", TextNode.valueOf("RestException: https://ann:hunter2@one/subjects refused"));

        bundle.write(folder.resolve("bundle.zip"));

        try (ZipFile zip = new ZipFile(folder.resolve("bundle.zip").toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                assertThat(new String(zip.getInputStream(entry).readAllBytes(), UTF_8))
                        .doesNotContain("hunter2")
                        .contains("https://********@one");
            }
        }
    }
}
