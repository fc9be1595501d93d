package io.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sluice.tools.migrate.Tbmq;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectorFileTest {

    private static final Variables NONE = new Variables(Map.of(), Map.of());

    @Test
    void a_connector_as_it_is_posted_is_read() {
        assertThat(read("a.json", "{\"name\": \"a\", \"config\": {\"tasks.max\": 1, \"name\": \"a\"}}"))
                .containsExactly(new Connector("a", Map.of("tasks.max", "1")));
    }

    @Test
    void settings_with_the_name_among_them_and_arrays_are_read() {
        assertThat(read("a.json", "[{\"name\": \"a\", \"x\": \"1\"}, {\"name\": \"b\", \"config\": {\"x\": \"2\"}}]"))
                .containsExactly(new Connector("a", Map.of("x", "1")), new Connector("b", Map.of("x", "2")));
    }

    @Test
    void each_document_of_yaml_is_a_connector() {
        assertThat(read("fleet.yaml", "name: a\nconfig:\n  x: 1\n---\nname: b\nx: true\n"))
                .containsExactly(new Connector("a", Map.of("x", "1")), new Connector("b", Map.of("x", "true")));
    }

    @Test
    void properties_of_a_standalone_worker_are_read() {
        assertThat(read("a.properties", "name=a\nkafka.topic = t\n"))
                .containsExactly(new Connector("a", Map.of("kafka.topic", "t")));
    }

    @Test
    void variables_are_replaced_whatever_is_in_their_values_and_what_is_connects_or_ours_is_left() {
        Variables variables = new Variables(Map.of("SITE", "a\"b\\c$1"), Map.of("SITE", "no", "ENV", "${file:x:y}"));

        assertThat(new ConnectorFile(
                                "a.json",
                                "{\"name\": \"a-%{ENV}\", \"t\": \"{topic} ${file:a:b} %%{SITE} %{SITE} 5%\"}")
                        .connectors(variables))
                .containsExactly(
                        new Connector("a-${file:x:y}", Map.of("t", "{topic} ${file:a:b} %{SITE} a\"b\\c$1 5%")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"name\": \"a\", \"t\": \"%{SITE}\"} | %{SITE} in a.json, t has no value; give one with --var SITE=VALUE, or set it in the environment and say --env",
                "{\"t\": \"x\"} | a.json: has a connector without a name; give it one, \"name\": \"…\"",
                "{\"name\": \"a\", \"t\": [1]} | a.json: has [1] for t; the values of a connector are texts",
                "{\"name\": \"a\", \"t\": null} | a.json: has null for t; the values of a connector are texts",
                "{\"name\": \"a\", \"p\": \"********\"} | a.json: has ******** for p, which stands where a secret was; write the secret, %{NAME}, or a reference such as ${file:…}",
                "{\"name\": \"a\", \"x.password\": [\"hunter2\"]} | a.json: has ARRAY for x.password; the values of a connector are texts",
                "[1] | a.json: has NUMBER where a connector should be, an object with name and config",
                "[] | a.json: has no connector"
            })
    void a_mistake_is_one_sentence_that_names_file_and_key(String text, String sentence) {
        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> read("a.json", text))
                .withMessage(sentence)
                .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE));
    }

    @Test
    void broken_json_is_said_with_its_line() {
        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> read("a.json", "{\n\"name\" \"a\"}"))
                .withMessageStartingWith("a.json: line 2: ");
        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> read("a.json", "{"))
                .withMessage(
                        "a.json: line 1: Unexpected end-of-input: expected close marker for Object (start marker at"
                                + " line: 1, column: 1)");
    }

    private static List<Connector> read(String name, String text) {
        return new ConnectorFile(name, text).connectors(NONE);
    }

    @Test
    void a_number_that_is_too_long_is_a_mistake_like_any_other() {
        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> read("a.json", "{\"name\": \"a\", \"x\": " + "1".repeat(1_001) + "}"))
                .withMessageStartingWith("a.json: ");
        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> Tbmq.name("{\"name\": " + "1".repeat(1_001) + "}"))
                .withMessageStartingWith("--config is no JSON: ");
    }
}
