package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    static Path folder;

    private static int tcp;
    private static int ssl;
    private static int ws;

    private Tool tool;

    @BeforeAll
    static void startBroker() throws Exception {
        tcp = INSTALLED.freePort();
        ssl = INSTALLED.freePort();
        ws = INSTALLED.freePort();
        Path passwords = Files.writeString(
                folder.resolve("passwords"),
                "device:"
                        + HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-256").digest("secret".getBytes(UTF_8)))
                        + "\n");
        keytool(
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12");
        keytool("-exportcert", "-rfc", "-file", folder.resolve("ca.pem").toString());
        Path file = INSTALLED.file(folder, "messages", tcp, "messages");
        String config = Files.readString(file)
                .replace(
                        "\"tcp://127.0.0.1:" + tcp + "\"",
                        "\"tcp://127.0.0.1:%d,ssl://127.0.0.1:%d,ws://127.0.0.1:%d\"".formatted(tcp, ssl, ws))
                .replace(
                        "\"broker.linger.ms\"",
                        "\"broker.password.file\": \"%s\", \"broker.ssl.keystore.location\": \"%s\","
                                        .formatted(passwords, folder.resolve("key.p12"))
                                + " \"broker.ssl.keystore.password\": \"secret\", \"broker.linger.ms\"");
        Files.writeString(file, config);
        Tool.Ended applied = INSTALLED.tool(folder).run("connector", "apply", "-f", file.toString(), "--wait");
        assertThat(applied.exitCode()).as(applied.err()).isZero();
        assertThat(applied.out())
                .contains("+ broker.ssl.keystore.password: ********")
                .doesNotContain("secret");
    }

    @AfterAll
    static void deleteConnector() {
        INSTALLED.rest().delete("messages");
    }

    @BeforeEach
    void start() {
        tool = INSTALLED
                .tool(folder)
                .with("SLUICE_BROKER", "mqtt://127.0.0.1:" + tcp)
                .with("LOGIN", "device:secret")
                .with("SLUICE_BROKER_LOGIN", "env:LOGIN");
    }

    @Test
    void what_mqtt_5_says_of_a_message_arrives_with_it() throws Exception {
        CompletableFuture<Tool.Ended> subscribed = subscribe("five/#", "-n", "1", "-q", "2", "-o", "json");
        Tool.Ended published = tool.run(
                "publish",
                "-t",
                "five/1",
                "-q",
                "2",
                "-m",
                "{\"a\": 1}",
                "--content-type",
                "application/json",
                "--response-topic",
                "answers",
                "--correlation-data",
                "c1",
                "--expiry",
                "60",
                "--property",
                "site=berlin",
                "--property",
                "site=bonn=x");
        assertThat(published.exitCode()).as(published.err()).isZero();

        JsonNode message = JSON.readTree(subscribed.get().out());
        assertThat(message.path("topic").asText()).isEqualTo("five/1");
        assertThat(message.path("payload").asText()).isEqualTo("{\"a\": 1}");
        assertThat(message.path("contentType").asText()).isEqualTo("application/json");
        assertThat(message.path("responseTopic").asText()).isEqualTo("answers");
        assertThat(message.path("correlationData").asText()).isEqualTo("c1");
        assertThat(message.path("expirySeconds").asInt()).isBetween(50, 60);
        assertThat(message.path("properties").findValuesAsText("value")).containsExactly("berlin", "bonn=x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "5"})
    void a_retained_message_is_there_for_who_comes_later_in_both_versions(String version) {
        String topic = "retained/" + version;
        assertThat(tool.run("publish", "-t", topic, "-q", "1", "-r", "-m", "kept", "--mqtt-version", version)
                        .exitCode())
                .isZero();

        Tool.Ended ended = tool.run("subscribe", "-t", topic, "-n", "1", "--mqtt-version", version, "--timeout", "20s");

        assertThat(ended.exitCode()).isZero();
        assertThat(ended.out()).isEqualTo(topic + "  kept\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqtts", "ws"})
    void messages_go_over_tls_and_websocket(String scheme) {
        String address = scheme + "://127.0.0.1:" + (scheme.equals("ws") ? ws : ssl);
        String trusted = folder.resolve("ca.pem").toString();

        Tool.Ended ended = tool.run(
                "publish", "-t", "by/" + scheme, "-q", "1", "-r", "-m", "x", "--broker", address, "--ca", trusted);

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        assertThat(tool.run("subscribe", "-t", "by/" + scheme, "-n", "1", "--broker", address, "--ca", trusted)
                        .out())
                .isEqualTo("by/" + scheme + "  x\n");
    }

    @Test
    void a_broker_that_is_not_trusted_is_not_spoken_to() {
        Tool.Ended ended = tool.run("publish", "-t", "a", "-m", "x", "--broker", "mqtts://127.0.0.1:" + ssl);

        assertThat(ended.exitCode()).isEqualTo(4);
        assertThat(ended.err()).contains("does not answer", "PKIX path building failed");
    }

    @Test
    void a_wrong_password_and_a_silent_port_are_sentences() {
        Tool.Ended refused = tool.run("publish", "-t", "a", "-u", "device", "-P", "wrong");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .startsWith("The broker at mqtt://127.0.0.1:" + tcp + " refuses the connection: ")
                .doesNotContain("wrong");

        Tool.Ended silent = tool.run("publish", "-t", "a", "--broker", "127.0.0.1:" + INSTALLED.freePort());
        assertThat(silent.exitCode()).isEqualTo(4);
        assertThat(silent.err()).contains("does not answer: nothing listens there.");

        Tool.Ended login = tool.run("publish", "-t", "a", "--broker", "mqtt://device:wrong@127.0.0.1:" + tcp);
        assertThat(login.exitCode()).isEqualTo(2);
        assertThat(login.err()).contains("is not a broker's address; write").doesNotContain("wrong");
    }

    @Test
    void each_line_is_a_message_and_goes_into_a_file_on_request() throws Exception {
        Path file = folder.resolve("received");
        CompletableFuture<Tool.Ended> subscribed =
                subscribe("lines/#", "-n", "3", "-q", "1", "--output-file", file.toString());
        assertThat(tool.runWith("one\nzwölf\n\u001b[31mred", "publish", "-t", "lines/1", "-q", "1", "--lines")
                        .exitCode())
                .isZero();

        assertThat(subscribed.get(30, TimeUnit.SECONDS).exitCode()).isZero();
        assertThat(subscribed.get().out()).isEmpty();
        assertThat(file).hasContent("lines/1  one\nlines/1  zwölf\nlines/1  \\u001b[31mred\n");
    }

    @Test
    void a_will_is_published_when_the_client_is_lost() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Sluice.class.getName(),
                        "subscribe",
                        "--topic=nothing",
                        "--broker=mqtt://127.0.0.1:" + tcp,
                        "--broker-login=env:LOGIN",
                        "--will-topic=wills/1",
                        "--will-message=gone",
                        "--will-retain")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("lost").toFile());
        builder.environment().put("LOGIN", "device:secret");
        Process lost = builder.start();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.readString(folder.resolve("lost")).contains("Subscribed"));

        lost.destroyForcibly().waitFor();

        assertThat(tool.run("subscribe", "-t", "wills/#", "-n", "1", "--timeout", "20s")
                        .out())
                .isEqualTo("wills/1  gone\n");
    }

    @Test
    void fewer_messages_than_wanted_end_with_5() {
        Tool.Ended ended = tool.run("subscribe", "-t", "quiet", "-n", "1", "--timeout", "1s");

        assertThat(ended.exitCode()).isEqualTo(5);
        assertThat(ended.err()).startsWith("Subscribed to quiet.");
    }

    /** Starts to subscribe, and returns when it has. */
    private CompletableFuture<Tool.Ended> subscribe(String filter, String... more) {
        List<String> arguments = new ArrayList<>(List.of("subscribe", "-t", filter, "--timeout", "30s"));
        arguments.addAll(List.of(more));
        Tool.Watched watched = tool.watched();
        CompletableFuture<Tool.Ended> ended =
                CompletableFuture.supplyAsync(() -> watched.run(arguments.toArray(String[]::new)));
        await().atMost(Duration.ofSeconds(20)).until(() -> watched.err().contains("Subscribed to"));
        return ended;
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of(
                "-alias", "broker", "-keystore", folder.resolve("key.p12").toString(), "-storepass", "secret"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
