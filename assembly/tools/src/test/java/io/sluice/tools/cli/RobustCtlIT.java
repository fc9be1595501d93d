package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** RobustMQ's own example, in a shell, with nothing changed but the program's name. */
@Order(1) // it takes longest
class RobustCtlIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    /** What is left at the end of the example. */
    private static final List<String> CREATED =
            List.of("iot_sensor_kafka", "device_status_kafka", "alarm_kafka", "kafka_connector_2", "kafka_connector_3");

    @TempDir
    Path home;

    @Test
    void every_line_of_the_complete_operation_example_runs_as_it_stands() throws Exception {
        int port = INSTALLED.freePort();
        Tool tool = INSTALLED.tool(home);
        tool.run(
                "context",
                "set",
                "example",
                "--broker",
                "mqtt://127.0.0.1:" + port,
                "--connector",
                "broker.name=example",
                "--connector",
                "broker.listeners=tcp://127.0.0.1:" + port,
                "--connector",
                "buffer.dir=" + INSTALLED.buffer("example"));

        String output = run("set -e\n" + example().replace("robust-ctl", "sluice"));

        assertThat(output)
                .contains("iot_sensor_kafka: created", "device_status_kafka: created", "alarm_kafka: created")
                .containsPattern("iot_sensor_kafka +RUNNING +1/1 +iot/sensors/\\+/data +iot_sensors")
                .contains("kafka_connector_3: created", "The connector kafka_connector_1 is deleted.");
        assertThat(tool.run("connector", "list", "-o", "name").out().lines())
                .containsAll(CREATED)
                .doesNotContain("kafka_connector_1");
        ConsumerRecord<String, byte[]> record = INSTALLED.read("iot_sensors", 1).get(0);
        assertThat(record.key()).isEqualTo("sensor_key");
        JsonNode value = new JsonMapper().readTree(record.value());
        assertThat(value.path("topic").asText()).isEqualTo("iot/sensors/temp_001/data");
        assertThat(value.path("username").asText()).isEqualTo("test_user");
        assertThat(new String(Base64.getDecoder().decode(value.path("payload").asText()), UTF_8))
                .isEqualTo("{\"temperature\": 25.5, \"humidity\": 60, \"timestamp\": 1640995200}");
        CREATED.forEach(name -> assertThat(
                        tool.run("mqtt", "connector", "delete", "-n", name).exitCode())
                .isZero());
    }

    @Test
    void who_creates_a_connector_that_is_there_with_another_configuration_hears_it() {
        Tool tool = INSTALLED.tool(home);
        String[] create = {
            "mqtt",
            "connector",
            "create",
            "-n",
            "twice",
            "-t",
            "Kafka",
            "-p",
            "a",
            "-c",
            "{\"bootstrap_servers\": \"k:1\", \"topic\": \"twice\"}",
            "--wait",
            "0s",
            "--set",
            "broker.name=twice",
            "--set",
            "broker.listeners=tcp://127.0.0.1:" + INSTALLED.freePort(),
            "--set",
            "buffer.dir=" + INSTALLED.buffer("twice")
        };
        assertThat(tool.run(create).exitCode()).isZero();
        assertThat(tool.run(create).out()).isEqualTo("twice: unchanged\n");
        create[8] = "b";

        Tool.Ended ended = tool.run(create);

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err()).contains("There is a connector twice already, with another configuration");
        INSTALLED.rest().delete("twice");
    }

    @Test
    void an_integration_of_tbmq_that_is_not_enabled_becomes_a_connector_that_is_stopped() {
        Tool tool = INSTALLED.tool(home);

        Tool.Ended ended = tool.run(
                "connector",
                "create",
                "--from",
                "tbmq",
                "--config",
                "{\"name\": \"not-enabled\", \"enabled\": false, \"configuration\": {\"topicFilters\": [\"a\"],"
                        + " \"clientConfiguration\": {\"topic\": \"t\", \"bootstrapServers\": \"k:1\"}}}");

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(ended.out()).startsWith("not-enabled: created\n");
        await().until(() ->
                tool.run("connector", "describe", "not-enabled").out().startsWith("not-enabled: STOPPED\n"));
        INSTALLED.rest().delete("not-enabled");
    }

    /** Runs lines in a shell that finds the program, and returns what they print. */
    private String run(String script) throws Exception {
        Path bin = Files.createDirectories(home.resolve("bin"));
        Path program = Files.writeString(
                bin.resolve("sluice"),
                "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                        + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -cp '"
                        + System.getProperty("java.class.path") + "' " + Sluice.class.getName() + " \"$@\"\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true);
        shell.environment().put("PATH", bin + ":" + System.getenv("PATH"));
        shell.environment().put("HOME", home.toString());
        shell.environment().remove("XDG_CONFIG_HOME");
        shell.environment().put("SLUICE_WORKER", INSTALLED.rest().url());
        Path output = home.resolve("output");
        Process process = shell.redirectOutput(output.toFile()).start();
        assertThat(process.waitFor(10, TimeUnit.MINUTES))
                .as(Files.readString(output))
                .isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }

    private static String example() throws IOException {
        try (InputStream in = RobustCtlIT.class.getResourceAsStream("complete-operation-example.sh")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
        }
    }
}
