package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TailIT {

    @RegisterExtension
    static final Installed INSTALLED = new Installed();

    private static final int LARGE = 900_000;

    @TempDir
    static Path folder;

    private static String broker;

    private Tool tool;

    @BeforeAll
    static void startConnector() throws Exception {
        int port = INSTALLED.freePort();
        broker = "mqtt://127.0.0.1:" + port;
        Path file = INSTALLED.file(folder, "tail", port, "tail-{json:/kind|values}");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                "\"kafka.topic\"",
                                "\"kafka.key\": \"{clientId}\", \"record.max.bytes\": \"1000\", \"kafka.topic\""));
        Tool.Ended applied = INSTALLED.tool(folder).run("connector", "apply", "-f", file.toString(), "--wait");
        assertThat(applied.exitCode()).as(applied.err()).isZero();
    }

    @AfterAll
    static void deleteConnector() {
        INSTALLED.rest().delete("tail");
    }

    @BeforeEach
    void start() {
        tool = INSTALLED.tool(folder).with("SLUICE_BROKER", broker);
    }

    @Test
    void the_last_records_are_shown_with_key_value_and_headers() throws Exception {
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xFF, 0});
        for (String message : new String[] {"1", "2", "drei"}) {
            publish("sensors/1", "-m", message);
        }
        publish("sensors/1", "--message-file", binary.toString());
        INSTALLED.read("tail-values", 4);

        assertThat(tool.run("tail", "tail-values", "-n", "3", "-o", "name").out())
                .isEqualTo("tail-values-0@1\ntail-values-0@2\ntail-values-0@3\n");
        assertThat(tool.run("tail", "tail-values", "-n", "2").out())
                .startsWith("tail-values-0@2  device-1  drei\n")
                .contains("      mqtt.topic=sensors/1\n", "      mqtt.qos=1\n", "tail-values-0@3  device-1  0xff00\n");
        JsonNode last = new JsonMapper()
                .readTree(
                        tool.run("tail", "tail-values", "-n", "1", "-o", "json").out());
        assertThat(last.path("valueBase64").asText()).isEqualTo("/wA=");
        assertThat(last.path("key").asText()).isEqualTo("device-1");
        assertThat(last.path("headers").findValuesAsText("name")).contains("mqtt.client.id");
    }

    @Test
    void dead_letters_say_why_they_are_ones() {
        publish("sensors/2", "-m", "{\"kind\": \"values\", \"text\": \"" + "x".repeat(2000) + "\"}");
        INSTALLED.read("mqtt.dead.letters", 1);

        String letter = tool.run("tail", "--dead-letters", "-n", "1").out();

        assertThat(letter)
                .contains(
                        "The connector tail could make no record of what device-1 published to sensors/2",
                        "more than record.max.bytes 1000");
    }

    @Test
    void what_comes_is_shown_on_request() throws Exception {
        publish("sensors/3", "-m", "{\"kind\": \"followed\"}");
        INSTALLED.read("tail-followed", 1);
        Tool.Watched watched = tool.watched();
        Thread following = new Thread(() -> watched.run("tail", "tail-followed", "--follow"));
        following.setDaemon(true);
        following.start();
        await().atMost(Duration.ofSeconds(20)).until(() -> watched.out().contains("tail-followed-0@0"));

        publish("sensors/3", "-m", "{\"kind\": \"followed\", \"n\": 2}");

        await().atMost(Duration.ofSeconds(20)).until(() -> watched.out().contains("tail-followed-0@1"));
        following.interrupt();
        following.join(10_000);
        assertThat(following.isAlive()).isFalse();
    }

    @Test
    void a_topic_that_is_not_there_is_said() {
        Tool.Ended ended = tool.run("tail", "no-such-topic");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err()).isEqualToNormalizingNewlines("Kafka has no topic no-such-topic.\n");
        assertThat(INSTALLED.kafka().admin()).satisfies(admin -> {
            try (admin) {
                assertThat(admin.listTopics().names().get()).doesNotContain("no-such-topic");
            }
        });
    }

    private void publish(String topic, String... payload) {
        String[] arguments = {"publish", "-t", topic, "-q", "1", "-i", "device-1", payload[0], payload[1]};
        assertThat(tool.run(arguments).exitCode()).isZero();
    }

    @Test
    void dead_letters_that_are_large_do_not_all_go_to_the_page() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", INSTALLED.kafka().bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < 30; i++) {
                ProducerRecord<byte[], byte[]> letter =
                        new ProducerRecord<>("mqtt.dead.letters", new byte[i % 2 * LARGE]);
                letter.headers().add("large", "x".repeat((i + 1) % 2 * LARGE).getBytes(UTF_8));
                letter.headers().add("sluice.error.connector", "tail".getBytes(UTF_8));
                letter.headers()
                        .add("sluice.error.position", Integer.toString(i).getBytes(UTF_8));
                producer.send(letter).get();
            }
        }
        Tool.Watched console = tool.watched();
        Thread running = new Thread(() -> console.run("console", "--port", "0"));
        running.start();
        try {
            await().until(() -> console.out().contains("token="));
            HttpClient browser =
                    HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
            URI address = URI.create(console.out().strip());
            browser.send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding());

            HttpResponse<String> letters = browser.send(
                    HttpRequest.newBuilder(address.resolve("/api/see/letters/default/tail"))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(letters.statusCode()).as(letters.body()).isEqualTo(200);
            assertThat(letters.body()).contains("\"position\":\"29\"").hasSizeLessThan(12 << 20);
        } finally {
            running.interrupt();
            running.join();
        }
    }
}
