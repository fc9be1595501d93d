package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.Payloads;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadsTest {

    @TempDir
    Path home;

    @Test
    void what_steers_a_terminal_is_escaped_in_what_is_shown_of_a_message() {
        Tool.Ended ended = new Tool(home)
                .run(
                        "routes",
                        "test",
                        "-f",
                        "../../examples/first.json",
                        "--topic",
                        "sensors/1",
                        "--payload",
                        "\u001b[2J",
                        "--property",
                        "site\u009b=\u001b]0;x\u0007");

        assertThat(ended.out())
                .contains("value: \\u001b[2J\n", "mqtt.property.site\\u009b: \\u001b]0;x\\u0007\n")
                .doesNotContain("\u001b", "\u009b", "\u0007");
    }

    @Test
    void the_home_of_the_environment_comes_before_the_one_that_java_knows() {
        assertThat(Surroundings.home(Map.of("HOME", "/a"), "/b")).isEqualTo(Path.of("/a"));
        assertThat(Surroundings.home(Map.of("HOME", ""), "/b")).isEqualTo(Path.of("/b"));
        assertThat(Surroundings.home(Map.of(), "/b")).isEqualTo(Path.of("/b"));
    }

    @Test
    void json_has_no_character_that_moves_the_cursor() {
        assertThat(Payloads.json("{\"a\": \"\u007f\u009b31mred \u00fc\"}"))
                .isEqualTo("{\"a\": \"\\u007f\\u009b31mred \u00fc\"}");
    }
}
