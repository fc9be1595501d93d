package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoutesTest {

    private static final String FIRST = "../../examples/first.json";

    @TempDir
    Path home;

    private Tool tool;

    @BeforeEach
    void start() {
        tool = new Tool(home);
    }

    @Test
    void the_record_of_a_message_is_shown_without_a_worker() {
        Tool.Ended ended = tool.run(
                "routes",
                "test",
                "-f",
                FIRST,
                "--topic",
                "sensors/1/temp",
                "--payload",
                "21.5",
                "--property",
                "site=b");

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(ended.out())
                .startsWith("sluice, route default: record\n  topic: iot\n  key: sensors/1/temp\n  value: 21.5\n")
                .contains("  header mqtt.qos: 1\n", "  header mqtt.property.site: b\n");
    }

    @Test
    void each_element_of_an_array_is_shown_with_a_key_that_has_fields() throws Exception {
        Path file = Files.writeString(home.resolve("split.yaml"), """
                name: split
                config:
                  kafka.topic: iot
                  value.split: /readings
                  kafka.key.field.id: '{json:/id}'
                  filter: 'json.t > 1'
                """);

        Tool.Ended ended = tool.run(
                "routes",
                "test",
                "-f",
                file.toString(),
                "--topic",
                "sensors/1",
                "--payload",
                "{\"readings\":[{\"id\":\"a\",\"t\":2},{\"id\":\"b\",\"t\":1}]}",
                "-o",
                "json");

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        JsonNode rows = new JsonMapper().readTree(ended.out());
        assertThat(rows.findValuesAsText("result")).containsExactly("record", "left out");
        assertThat(rows.at("/0/key").asText()).isEqualTo("Struct{id=a}");
        assertThat(rows.at("/0/value").asText()).isEqualTo("{\"id\":\"a\",\"t\":2}");
    }

    @Test
    void a_message_that_no_route_takes_is_said() {
        Tool.Ended ended = tool.run("routes", "test", "-f", FIRST, "--topic", "lamps/1");

        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.err()).isEqualToNormalizingNewlines("No route takes lamps/1.\n");
    }

    @Test
    void every_route_that_takes_a_message_is_shown_and_why_one_leaves_it_out_or_makes_a_dead_letter() throws Exception {
        Path file = Files.writeString(home.resolve("routes.yaml"), """
                name: several
                config:
                  routes: all,hot,by-site
                  route.all.topic.filters: 'sensors/#'
                  route.all.kafka.topic: all
                  route.hot.topic.filters: 'sensors/#'
                  route.hot.kafka.topic: hot
                  route.hot.filter: 'json.temperature > 30'
                  route.by-site.topic.filters: 'sensors/+'
                  route.by-site.kafka.topic: 'site-{property.site}'
                  broker.password.file: /not/on/this/machine
                """);

        Tool.Ended ended = tool.run(
                "routes",
                "test",
                "-f",
                file.toString(),
                "--topic",
                "sensors/1",
                "--payload",
                "{\"temperature\": 20}",
                "-o",
                "json");

        assertThat(ended.exitCode()).as(ended.out() + ended.err()).isEqualTo(3);
        assertThat(ended.err()).isEmpty();
        JsonNode rows = new JsonMapper().readTree(ended.out());
        assertThat(rows.findValuesAsText("route")).containsExactly("all", "by-site", "hot");
        assertThat(rows.findValuesAsText("result")).containsExactly("record", "dead letter", "left out");
        assertThat(rows.at("/1/topic").asText()).isEqualTo("mqtt.dead.letters");
        assertThat(rows.at("/1/reason").asText()).contains("site");
    }

    @Test
    void live_messages_of_a_broker_go_through_the_routes() throws Exception {
        try (LocalBroker broker = new LocalBroker("routes", home.resolve("buffer"))) {
            tool.with("SLUICE_BROKER", broker.address());
            for (String topic : List.of("sensors/1", "sensors/2", "lamps/1")) {
                tool.run("publish", "-t", topic, "-r", "-q", "1", "-m", "21.5", "--property", "site=b");
            }

            Tool.Ended ended =
                    tool.run("routes", "test", "-f", FIRST, "--from", broker.address(), "-n", "2", "--timeout", "20s");

            assertThat(ended.exitCode()).as(ended.err()).isZero();
            assertThat(ended.out())
                    .contains(
                            "sensors/1\nsluice, route default: record\n  topic: iot\n  key: sensors/1\n  value: 21.5\n",
                            "sensors/2\nsluice, route default: record\n",
                            "  header mqtt.property.site: b\n")
                    .doesNotContain("lamps");
            Tool.Ended few = tool.run(
                    "routes",
                    "test",
                    "-f",
                    FIRST,
                    "--from",
                    broker.address(),
                    "-n",
                    "3",
                    "--timeout",
                    "2s",
                    "-o",
                    "json");
            assertThat(few.exitCode()).isEqualTo(5);
            assertThat(few.out().lines()).hasSize(2).allMatch(line -> line.contains("\"mqttTopic\":\"sensors/"));
        }
        Tool.Ended both = tool.run("routes", "test", "-f", FIRST, "--from", "mqtt://localhost", "--topic", "a");
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(both.err()).contains("This needs either --topic, for a message of your own, or --from");
    }

    @Test
    void a_configuration_is_validated_without_a_worker() throws Exception {
        Tool.Ended good = tool.run("connector", "validate", "--offline", "-f", FIRST);
        assertThat(good).isEqualTo(new Tool.Ended(0, "", "sluice: no mistakes." + System.lineSeparator()));
        Path file = Files.writeString(
                home.resolve("wrong.json"), Files.readString(Path.of(FIRST)).replace("sensors/#", "a/#/b"));

        Tool.Ended ended = tool.run("connector", "validate", "--offline", "-f", file.toString());

        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.out()).contains("topic.filters", "a/#/b");
        assertThat(tool.run("routes", "test", "-f", file.toString(), "--topic", "a")
                        .exitCode())
                .isEqualTo(3);
    }
}
