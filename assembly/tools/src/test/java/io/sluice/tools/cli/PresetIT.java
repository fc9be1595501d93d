package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The presets for Kafkas that ask who comes, against listeners of a real one. */
class PresetIT {

    private static final JsonMapper JSON = new JsonMapper();

    /** Without msk-iam, which only Amazon answers. */
    private static final List<String> PRESETS = List.of("scram", "confluent-cloud", "oauth", "mtls");

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    @TempDir
    private static Path home;

    private final SecureListeners kafka = INSTALLED.secureListeners();
    private final Tool tool = INSTALLED.tool(home);
    private final int port = INSTALLED.freePort();

    @Test
    void a_message_arrives_with_each_preset_that_a_kafka_of_ones_own_can_answer() throws Exception {
        Path secrets = Files.writeString(
                home.resolve("kafka.properties"),
                "username=" + SecureListeners.USER + "\npassword=" + SecureListeners.PASSWORD + "\nkeystore.password="
                        + SecureListeners.PASSWORD + "\nclient.id=" + TokenIssuer.CLIENT + "\nclient.secret="
                        + TokenIssuer.SECRET + "\nscope=\ntoken.url=" + INSTALLED.tokenUrl() + "\n");
        String[] places = {
            "--secrets", secrets.toString(),
            "--kafka-ca", kafka.certificate().toString(),
            "--kafka-keystore", kafka.keyStore().toString()
        };
        List<String> apply = new ArrayList<>(List.of("connector", "apply", "-f"));
        for (String preset : PRESETS) {
            String servers = preset.equals("mtls") ? kafka.certificateServers() : kafka.saslServers();
            Tool.Ended printed = run(List.of("connector", "preset", preset, "--kafka", servers), places);
            assertThat(printed.exitCode()).as(printed.err()).isZero();
            assertThat(printed.out())
                    .doesNotContain(SecureListeners.PASSWORD, TokenIssuer.SECRET)
                    .contains("\"admin.override.bootstrap.servers\" : \"" + servers + "\"");
            Path file = INSTALLED.file(home, "preset-" + preset, port, "preset-" + preset);
            ObjectNode connector = (ObjectNode) JSON.readTree(file.toFile());
            ObjectNode config = (ObjectNode) connector.path("config");
            config.put("broker.name", "presets")
                    .put("buffer.dir", INSTALLED.buffer("presets").toString());
            config.setAll((ObjectNode) JSON.readTree(printed.out()));
            Files.writeString(file, connector.toString());
            apply.add(file.toString());
        }
        Tool.Ended applied = run(apply);
        assertThat(applied.exitCode()).as(applied.err()).isZero();
        List<String> create = new ArrayList<>(List.of(
                "connector",
                "create",
                "-n",
                "preset-created",
                "-p",
                "sensors/#",
                "--preset",
                "scram",
                "--wait",
                "0s",
                "-c",
                "{\"bootstrap_servers\": \"" + kafka.saslServers() + "\", \"topic\": \"preset-created\"}"));
        for (String setting : List.of(
                "broker.name=presets",
                "broker.linger.ms=0",
                "broker.listeners=tcp://127.0.0.1:" + port,
                "buffer.dir=" + INSTALLED.buffer("presets"))) {
            create.addAll(List.of("--set", setting));
        }
        Tool.Ended created = run(create, places);
        assertThat(created.exitCode()).as(created.err()).isZero();
        PRESETS.forEach(preset -> INSTALLED.rest().awaitRunning("preset-" + preset, Duration.ofMinutes(1)));
        INSTALLED.rest().awaitRunning("preset-created", Duration.ofMinutes(1));

        assertThat(tool.run(
                                "mqtt",
                                "publish",
                                "--broker",
                                "mqtt://127.0.0.1:" + port,
                                "-t",
                                "sensors/1",
                                "-m",
                                "21.5",
                                "-q",
                                "1")
                        .exitCode())
                .isZero();

        for (String preset : PRESETS) {
            assertThat(INSTALLED.read("preset-" + preset, 1))
                    .extracting(record -> new String(record.value(), UTF_8))
                    .containsExactly("21.5");
        }
        assertThat(INSTALLED.read("preset-created", 1)).hasSize(1);
        for (String name : PRESETS) {
            INSTALLED.rest().delete("preset-" + name);
        }
        INSTALLED.rest().delete("preset-created");
    }

    private Tool.Ended run(List<String> command, String... more) {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(more));
        return tool.run(all.toArray(String[]::new));
    }
}
