package io.sluice.connect.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigDocTest {

    private static final Path DOCUMENT = Path.of("../assembly/docs/configuration.md");

    @Test
    void the_documentation_says_what_the_definition_says() throws IOException {
        if (Boolean.getBoolean("sluice.doc.write")) {
            Files.createDirectories(DOCUMENT.getParent());
            Files.writeString(DOCUMENT, ConfigDoc.markdown());
        }

        assertThat(DOCUMENT)
                .as("make it anew with: ./mvnw -pl connect-source -am test -Dtest=ConfigDocTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.doc.write=true")
                .exists()
                .hasContent(ConfigDoc.markdown());
    }

    @Test
    void every_key_is_documented_and_has_a_group() {
        assertThat(SourceConfig.definition().configKeys().values())
                .allSatisfy(key -> assertThat(key.documentation).endsWith("."))
                .allSatisfy(key -> assertThat(key.group).isNotNull());
    }
}
