package io.sluice.tools.kafka;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.tools.ToolException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaViewTest {

    @TempDir
    private Path folder;

    @Test
    void a_file_of_settings_that_is_damaged_is_said_in_a_sentence() throws Exception {
        Path file = Files.writeString(folder.resolve("client.properties"), "ssl.keystore.password=\\u00g1\n");

        assertThatThrownBy(() -> KafkaView.settings(file.toString()))
                .isInstanceOf(ToolException.class)
                .hasMessageStartingWith("The settings of Kafka's clients in " + file + " cannot be read: ");
    }
}
