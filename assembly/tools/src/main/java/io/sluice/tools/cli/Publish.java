package io.sluice.tools.cli;

import io.sluice.tools.ToolException;
import io.sluice.tools.mqtt.MqttConnection;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttMessage.About;
import io.sluice.tools.mqtt.MqttSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Publishes a message over MQTT. */
@Command(
        name = "publish",
        description = "Publishes a message over MQTT, and waits until the broker has acknowledged it.",
        footer = {
            "  sluice publish --topic sensors/1/temp --qos 1 --message 21.5",
            "  sluice publish -t sensors/1/temp -q 2 --lines --broker mqtts://broker.example.com \\",
            "      --ca ca.pem < readings",
            "  sluice publish -t sensors/1 -m '{}' --content-type application/json --property site=berlin"
        })
final class Publish implements Runnable {

    private static final long MOST_SECONDS = 0xffff_ffffL;

    @Mixin
    private final BrokerOptions broker = new BrokerOptions();

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "TOPIC",
            required = true,
            description = "The message's topic.")
    private String topic = "";

    @ArgGroup(exclusive = true)
    private Payload payload = new Payload();

    @Option(
            names = {"-q", "--qos"},
            paramLabel = "QOS",
            description = "0, 1 or 2; by default 0.")
    private int qos;

    @Option(
            names = {"-r", "--retain", "--retained"},
            description = "The broker is to keep the message for later subscribers.")
    private boolean retain;

    @Option(names = "--content-type", paramLabel = "TYPE", description = "Content type of the payload (MQTT 5).")
    private @Nullable String contentType;

    @Option(names = "--response-topic", paramLabel = "TOPIC", description = "Where an answer is expected (MQTT 5).")
    private @Nullable String responseTopic;

    @Option(
            names = "--correlation-data",
            paramLabel = "TEXT",
            description = "Correlation data, which a response repeats (MQTT 5).")
    private @Nullable String correlationData;

    @Option(names = "--expiry", paramLabel = "SECONDS", description = "Seconds until the message expires (MQTT 5).")
    private @Nullable Long expiry;

    @Option(names = "--text", description = "Mark the payload as UTF-8 (MQTT 5).")
    private boolean text;

    @Option(
            names = "--property",
            paramLabel = "NAME=VALUE",
            description = "A user property; a name may come several times (MQTT 5).")
    private List<String> properties = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long to wait for the broker to acknowledge a message; by default 30s.")
    private Duration timeout = Duration.ofSeconds(30);

    static final class Payload {

        @Option(
                names = {"-m", "--message"},
                paramLabel = "TEXT",
                description = "The payload; by default it is empty.")
        private String message = "";

        @Option(names = "--message-file", paramLabel = "FILE", description = "A file that is the payload.")
        private @Nullable Path file;

        @Option(names = "--lines", description = "Publish each line of the standard input as a separate message.")
        private boolean lines;
    }

    @Override
    public void run() {
        About about = about();
        BrokerOptions.qos("--qos", qos);
        MqttConnection.checkTopic(topic);
        message(new byte[0], about).check();
        try (MqttSession session = broker.connect()) {
            if (payload.lines) {
                publishLines(session, about);
            } else {
                session.publish(message(payload(payload.file, payload.message), about), timeout);
            }
        }
    }

    private void publishLines(MqttSession session, About about) {
        Optional<String> line = broker.surroundings().readLine();
        while (line.isPresent()) {
            session.publish(message(line.get().getBytes(StandardCharsets.UTF_8), about), timeout);
            line = broker.surroundings().readLine();
        }
    }

    /** The payload that a file is, or else a text. */
    static byte[] payload(@Nullable Path file, String text) {
        try {
            return file == null ? text.getBytes(StandardCharsets.UTF_8) : Files.readAllBytes(file);
        } catch (IOException e) {
            throw ToolException.usage("The payload in " + file + " cannot be read: " + e, e);
        }
    }

    private MqttMessage message(byte[] bytes, About about) {
        return new MqttMessage(topic, bytes, qos, retain, about);
    }

    private About about() {
        if (expiry != null && (expiry < 0 || expiry > MOST_SECONDS)) {
            throw ToolException.usage("--expiry is 0 to " + MOST_SECONDS + " seconds, not " + expiry + ".");
        }
        return new About(
                Optional.ofNullable(contentType),
                Optional.ofNullable(responseTopic),
                Optional.ofNullable(correlationData),
                expiry == null ? OptionalLong.empty() : OptionalLong.of(expiry),
                text,
                properties.stream().map(Publish::property).toList());
    }

    static Map.Entry<String, String> property(String option) {
        int end = option.indexOf('=');
        if (end < 1) {
            throw ToolException.usage("--property " + option + " lacks a value; it is NAME=VALUE.");
        }
        return Map.entry(option.substring(0, end), option.substring(end + 1));
    }
}
