package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.tools.mqtt.BrokerAddress;
import io.sluice.tools.mqtt.MqttConnection;
import io.sluice.tools.mqtt.MqttLogin;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The console as somebody uses it: in a browser, with a real worker, Kafka and broker behind it. */
@Order(1) // it takes longest
class ConsoleIT {

    @RegisterExtension
    static final OpenConsole CONSOLE = new OpenConsole();

    private static final Installed INSTALLED = CONSOLE.installed();
    private static final boolean WRITE = Boolean.getBoolean("sluice.doc.write");
    private static final MqttMessage READING =
            new MqttMessage("sensors/7", "21.5".getBytes(UTF_8), 1, false, MqttMessage.About.NOTHING);

    private final Browser browser = CONSOLE.browser();

    @Test
    void from_plus_to_the_message_in_kafka_as_tbmqs_documentation_walks() throws Exception {
        CONSOLE.apply("neighbour", Map.of());
        int port = INSTALLED.freePort();

        browser.click("New integration");
        browser.awaitText(".type[aria-pressed=true]", "io.sluice.connect.MqttSourceConnector");
        browser.click("Next");
        browser.fill("name", "walk");
        browser.choose("broker-of", "A separate broker");
        browser.fill("filter-0", "tbmq/#/more");
        browser.awaitText("fieldset", "'#' must be its whole last level");
        browser.fill("filter-0", "tbmq/#");
        browser.click("Next");
        browser.fill("key-kafka.topic", "tbmq.messages");
        browser.fill("key-broker.listeners", "tcp://127.0.0.1:" + port);
        browser.fill("key-buffer.dir", INSTALLED.buffer("walk").toString());
        browser.fill("extra-topic.creation.default.partitions", "1");
        browser.click("Preview");
        browser.fill("try-topic", "tbmq/kafka-integration");
        browser.awaitText(".made", "tbmq.messages");
        browser.click("Review");
        browser.click("Check connection");
        browser.awaitText(".findings", INSTALLED.kafka().bootstrapServers() + " answers.");
        browser.awaitText(".findings", "tbmq.messages");
        browser.click("Add");
        browser.awaitText("h1", "walk");
        browser.awaitText(".head .state", "Running");

        browser.click("MQTT client");
        browser.choose("mqtt-broker", "mqtt://127.0.0.1:" + port);
        browser.click("Connect");
        browser.awaitText("form .state", "Connected");
        browser.fill("subscribe-filter", "tbmq/#");
        browser.click("Subscribe");
        browser.awaitText(".log", "Subscribed to tbmq/#.");
        browser.fill("mqtt-topic", "tbmq/kafka-integration");
        browser.fill("mqtt-payload", "{\"temperature\": 25}");
        browser.click("Publish");
        browser.awaitText(".log .sent", "tbmq/kafka-integration");
        browser.awaitText(".log .received", "{\"temperature\": 25}");
        assertThat(new String(INSTALLED.read("tbmq.messages", 1).get(0).value(), UTF_8))
                .isEqualTo("{\"temperature\": 25}");
        browser.screenshot(OpenConsole.SCREENSHOTS.resolve("mqtt-client.png"));
        browser.click("Disconnect");
        browser.awaitText(".log", "Disconnected.");
        INSTALLED.rest().delete("walk");
    }

    @Test
    void a_client_that_cannot_connect_says_why() {
        browser.click("MQTT client");
        browser.choose("mqtt-broker", CONSOLE.silent());

        browser.click("Connect");

        browser.awaitText(".note.bad", "does not answer: nothing listens there.");
    }

    @Test
    void a_failed_connector_shows_its_trace_with_one_click_and_is_mended_from_the_page() throws Exception {
        Path notAFolder = Files.writeString(CONSOLE.home().resolve("not-a-folder"), "");
        CONSOLE.apply("mended", Map.of("buffer.dir", notAFolder.toString()));
        browser.awaitText(".failed", "Failed");

        browser.clickAt("tr.failed button.link");
        browser.awaitText(".traces pre", "Caused by: ");
        browser.awaitText(".traces .failure", "cannot be opened");
        browser.screenshot(OpenConsole.SCREENSHOTS.resolve("failed.png"));
        browser.click("Change mended");
        browser.fill("key-buffer.dir", INSTALLED.buffer("mended").toString());
        browser.click("Review");
        browser.awaitText(".diff ins", INSTALLED.buffer("mended").toString());
        browser.click("Apply");

        browser.awaitText("h1", "mended");
        browser.awaitText(".head .state", "Running");
        browser.goTo("#/integration/mended/configuration");
        browser.awaitText(".diff del", notAFolder.toString());
    }

    @Test
    void an_address_that_somebody_has_typed_leads_to_a_page() {
        browser.goTo("#/integration/100%");
        browser.awaitText("h1", "100%");
        browser.awaitText(".note.bad", "takes no request for the connector 100%");

        browser.goTo("#/constructor");
        browser.awaitText("h1", "Integrations");
    }

    @Test
    void a_secret_is_masked_and_stays_what_it_is_when_something_else_is_changed() throws Exception {
        CONSOLE.apply(
                "secret",
                Map.of("producer.override.a.token", "abc123", "producer.override.b.token", "${vault:/etc/x:token}"));
        browser.awaitText("secret");

        browser.goTo("#/integration/secret/configuration");
        browser.awaitText(".kv", "********");
        browser.awaitText(".kv", "${vault:/etc/x:token}");
        assertThat(browser.text("body")).doesNotContain("abc123");
        browser.goTo("#/change/secret");
        browser.fill("key-topic.filters", "other/#");
        assertThat(browser.text("body")).contains("********").doesNotContain("abc123");
        browser.click("Review");
        browser.awaitText(".diff", "other/#");
        browser.click("Apply");
        browser.awaitText("secret is changed.");

        assertThat(INSTALLED.rest().config("secret").path("topic.filters").asText())
                .isEqualTo("other/#");
        assertThat(INSTALLED
                        .rest()
                        .config("secret")
                        .path("producer.override.a.token")
                        .asText())
                .isEqualTo("abc123");
    }

    @Test
    void a_copied_command_does_the_same_whatever_the_name_and_the_values_have() throws Exception {
        CONSOLE.apply("it's", Map.of("kafka.topic", "copied", "kafka.header.site", "%%{topic} it's 5%"));
        browser.awaitText("it's");
        browser.goTo("#/change/it's");
        browser.awaitText(".beside", "it's 5%");
        browser.click("Review");

        String curl = shell("curl() { printf '%s\\n' \"$@\"; }\n" + browser.copied("curl"));
        String file = shell("sluice() { cat; }\n" + browser.copied("sluice connector apply"));

        assertThat(curl).contains("\n" + INSTALLED.rest().url() + "/connectors/it's/config\n--data\n{\n");
        assertThat(new JsonMapper()
                        .readTree(curl.substring(curl.indexOf("\n{")))
                        .path("kafka.header.site")
                        .asText())
                .isEqualTo("%{topic} it's 5%");
        assertThat(INSTALLED
                        .tool(CONSOLE.home())
                        .runWith(file, "connector", "diff", "-f", "-")
                        .out())
                .isEqualTo("it's: the same\n");
    }

    private static String shell(String script) throws Exception {
        Process process =
                new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }

    @Test
    void a_rewind_asks_first_shows_its_progress_and_delivers_again() throws Exception {
        int port = CONSOLE.apply("rewound", Map.of("buffer.retention.ms", "3600000"));
        CONSOLE.publish(port, "sensors/1", "1\n2\n3");
        assertThat(INSTALLED.read("rewound", 3)).hasSize(3);
        browser.goTo("#/integration/rewound/offsets");
        browser.awaitText(".lanes", "2");

        browser.click("Rewind …");
        browser.awaitText("dialog", "Those records come into Kafka twice.");
        browser.click("Rewind");

        browser.awaitText(".note.good", "and is where it was.");
        assertThat(INSTALLED.read("rewound", 6)).hasSize(6);

        browser.choose("way", "a time");
        browser.fill("time", "1h");
        browser.click("Rewind …");
        browser.awaitText("dialog", "everything since 1h");
        browser.click("Rewind");

        assertThat(INSTALLED.read("rewound", 9)).hasSize(9);
    }

    @Test
    void a_dead_letter_is_looked_at_changed_and_sent_again() throws Exception {
        int port = CONSOLE.apply(
                "letters",
                Map.of(
                        "kafka.topic",
                        "letters-{json:/building}",
                        "kafka.topic.allow",
                        "letters-[a-z0-9]+",
                        "dead.letter.topic",
                        "letters-dead"));
        CONSOLE.publish(port, "sensors/7", "{\"buildng\": \"b1\"}", "--correlation-data", "c-1");
        INSTALLED.read("letters-dead", 1);
        browser.goTo("#/integration/letters/letters");

        browser.clickAt(".letters summary");
        browser.awaitText(".letters .body", "kafka.topic letters-{json:/building}");
        browser.awaitText(".letters pre", "\"buildng\": \"b1\"");
        browser.click("Hex");
        browser.awaitText(".letters pre", "7b 22 62 75 69 6c 64 6e 67 22");
        browser.screenshot(OpenConsole.SCREENSHOTS.resolve("dead-letter.png"));
        browser.awaitText(".letters form", "The message is sent without its correlation data.");
        browser.clickAt(".letters form textarea");
        browser.fillAt(".letters form textarea", "{\"building\": \"b1\"}");
        browser.click("Send again");

        browser.awaitText(".letters form", "Published");
        assertThat(new String(INSTALLED.read("letters-b1", 1).get(0).value(), UTF_8))
                .isEqualTo("{\"building\": \"b1\"}");
    }

    @Test
    void what_the_status_listener_tells_is_shown_and_its_absence_said() throws Exception {
        browser.click("Clients");
        browser.awaitText(".note", "Set status.listener in the connector");
        int port = CONSOLE.apply("thermometers", Map.of("status.listener", CONSOLE.status(), "kafka.topic", "iot"));
        CONSOLE.publish(port, "sensors/1", "1");
        try (MqttSession device = MqttConnection.connect(device(port))) {
            browser.awaitText(".rows", "thermometer-7");
            browser.goTo("#/integration/thermometers");
            browser.awaitText(".tiles", "Delivered");
            await().atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofMillis(20))
                    .pollInSameThread()
                    .until(() -> {
                        int burst = (int) (System.currentTimeMillis() / 3_000 % 7);
                        for (int i = 0; i <= burst; i++) {
                            device.publish(READING, OpenConsole.PATIENCE);
                        }
                        return browser.samples("thermometers") > (WRITE ? 45 : 2);
                    });
            browser.awaitPresence(".chart canvas");
            browser.awaitText(".legend", "Captured");
            browser.screenshot(OpenConsole.SCREENSHOTS.resolve("charts.png"));
            if (WRITE) {
                browser.screenshot(Path.of("..", "docs", "console.png"));
            }
            browser.goTo("#/integration/thermometers/events");
            browser.awaitText(".events", "thermometers");
            browser.screenshot(OpenConsole.SCREENSHOTS.resolve("events.png"));
            browser.click("Errors 0");
            browser.awaitText(".empty", "There is no such event since the worker started.");
        }
    }

    private static MqttLogin device(int port) {
        return new MqttLogin(
                BrokerAddress.parse("mqtt://127.0.0.1:" + port),
                5,
                Optional.of("thermometer-7"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
