package io.sluice.tools.cli;

import io.sluice.tools.ExitCode;
import io.sluice.tools.Payloads;
import io.sluice.tools.ToolException;
import io.sluice.tools.mqtt.MqttConnection;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints what it receives over MQTT. */
@Command(
        name = "subscribe",
        description =
                "Subscribes over MQTT, and prints each message as a line, until Ctrl-C, or until the wanted number has arrived.",
        footer = {
            "  sluice subscribe --topic 'sensors/#'",
            "  sluice subscribe -t 'sensors/#' -q 1 -n 10 --timeout 60s -o json --output-file messages.jsonl"
        })
final class Subscribe implements Callable<Integer> {

    private static final Duration LOOK = Duration.ofSeconds(1);

    @Mixin
    private final BrokerOptions broker = new BrokerOptions();

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "FILTER",
            required = true,
            description = "The filters to subscribe to.")
    private List<String> filters = List.of();

    @Option(
            names = {"-q", "--qos"},
            paramLabel = "QOS",
            description = "0, 1 or 2; by default 0.")
    private int qos;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "End after N messages.")
    private long count = Long.MAX_VALUE;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "End after this time, with 5 if fewer than N messages came.")
    private @Nullable Duration timeout;

    @Option(
            names = "--output-file",
            paramLabel = "FILE",
            description = "Write the messages to this file, and not to the standard output.")
    private @Nullable Path file;

    @Override
    public Integer call() {
        BrokerOptions.qos("--qos", qos);
        filters.forEach(MqttConnection::checkFilter);
        if (count < 1) {
            throw ToolException.usage("-n " + count + " is less than 1.");
        }
        // Who does not get to the broker keeps the file of the last time.
        try (MqttSession session = broker.connect();
                PrintWriter written = file == null ? null : writer(file)) {
            session.subscribe(filters, qos);
            broker.say("Subscribed to " + String.join(", ", filters) + ".");
            return print(session, written == null ? broker.surroundings().out() : written);
        }
    }

    private int print(MqttSession session, PrintWriter out) {
        Instant end = timeout == null ? Instant.MAX : Instant.now().plus(timeout);
        long received = 0;
        while (received < count && Instant.now().isBefore(end)) {
            Optional<MqttMessage> message = session.receive(LOOK);
            if (message.isPresent()) {
                out.print(broker.line(
                        message.get().json(),
                        text(message.get()),
                        Payloads.escaped(message.get().topic())));
                if (out.checkError()) {
                    return ExitCode.FAILED.number();
                }
                received++;
            }
        }
        return received < count && count != Long.MAX_VALUE ? ExitCode.TIMED_OUT.number() : ExitCode.OK.number();
    }

    private static String text(MqttMessage message) {
        return Payloads.escaped(message.topic()) + "  " + Payloads.shown(message.payload());
    }

    private static PrintWriter writer(Path file) {
        try {
            return new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw ToolException.failed("The file " + file + " cannot be written: " + e, e);
        }
    }
}
