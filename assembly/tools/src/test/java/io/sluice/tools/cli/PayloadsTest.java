package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.Payloads;
import io.sluice.tools.StandIn;
import io.sluice.tools.StandIn.Reply;
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
    void what_turns_the_direction_of_a_text_is_escaped_and_joiners_of_letters_are_not() {
        assertThat(Payloads.escaped("a\u202eb\u2067c\u2028d \u0645\u06cc\u200c\u062e"))
                .isEqualTo("a\\u202eb\\u2067c\\u2028d \u0645\u06cc\u200c\u062e");
        assertThat(Payloads.json("{\"a\": \"\u202e\"}")).isEqualTo("{\"a\": \"\\u202e\"}");
    }

    @Test
    void json_has_no_character_that_moves_the_cursor() {
        assertThat(Payloads.json("{\"a\": \"\u007f\u009b31mred \u00fc\"}"))
                .isEqualTo("{\"a\": \"\\u007f\\u009b31mred \u00fc\"}");
    }

    @Test
    void what_steers_a_terminal_is_escaped_in_what_a_worker_tells_of_a_connector() {
        String part =
                "\"state\": \"FAILED\", \"worker_id\": \"w\", \"trace\": \"java.io.IOException: no \\u001b[2J\\n\\tat a.B\"";
        try (StandIn worker = StandIn.saying(request -> Reply.ok(
                request.endsWith("/status")
                        ? "{\"connector\": {" + part + "}, \"tasks\": []}"
                        : request.endsWith("/topics")
                                ? "{\"a\": {\"topics\": [\"t\"]}}"
                                : "{\"x\": \"\\u001b[2J\"}"))) {
            Tool tool = new Tool(home).with("SLUICE_WORKER", worker.address());

            Tool.Ended described = tool.run("connector", "describe", "a");
            Tool.Ended waited = tool.run("connector", "restart", "a", "--wait");
            Tool.Ended compared = tool.runWith("{\"name\": \"a\"}", "connector", "diff", "-f", "-");

            assertThat(described.out())
                    .contains("a: FAILED\n", "no \\u001b[2J\n      at a.B\n")
                    .doesNotContain("\u001b");
            assertThat(waited.err()).contains("no \\u001b[2J").doesNotContain("\u001b");
            assertThat(compared.out()).isEqualTo("a: different\n  - x: \\u001b[2J\n");
        }
    }
}
