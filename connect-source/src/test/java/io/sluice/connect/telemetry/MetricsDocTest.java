package io.sluice.connect.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MetricsDocTest {

    private static final Path DOCUMENT = Path.of("../assembly/docs/metrics.md");

    @Test
    void the_documentation_names_what_there_is() throws IOException {
        if (Boolean.getBoolean("sluice.doc.write")) {
            Files.writeString(DOCUMENT, MetricsDoc.markdown());
        }

        assertThat(DOCUMENT)
                .as("make it anew with: ./mvnw -pl connect-source -am test -Dtest=MetricsDocTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.doc.write=true")
                .exists()
                .hasContent(MetricsDoc.markdown());
    }
}
