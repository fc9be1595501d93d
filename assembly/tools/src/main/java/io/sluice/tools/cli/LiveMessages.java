package io.sluice.tools.cli;

import io.sluice.message.Message;
import io.sluice.tools.Setting;
import io.sluice.tools.ToolException;
import io.sluice.tools.mqtt.BrokerAddress;
import io.sluice.tools.mqtt.MqttConnection;
import io.sluice.tools.mqtt.MqttLogin;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttSession;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that take messages from a broker, as they come. */
final class LiveMessages {

    private static final Duration LOOK = Duration.ofMillis(200);

    @Option(
            names = "--from",
            paramLabel = "URL",
            description =
                    "Take live messages of the routes' topics from this broker (mqtt://HOST:PORT, mqtts://…, ws://…).")
    private @Nullable String from;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "With --from: end after N messages; by default 10.")
    private int count = 10;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "With --from: end after this time, with 5 if fewer came; by default 1m.")
    private Duration timeout = Duration.ofMinutes(1);

    @Option(
            names = "--broker-login",
            paramLabel = "REFERENCE",
            description = "With --from: where the user:password is, env:NAME or file:PATH; by default"
                    + " $$SLUICE_BROKER_LOGIN, else the context's.")
    private @Nullable String login;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "With --from: certificates (PEM) to trust, in place of those that Java trusts.")
    private @Nullable Path trusted;

    boolean areWanted() {
        return from != null;
    }

    /**
     * Takes messages.
     *
     * @param take returns whether somebody still listens
     * @return whether as many came as were wanted
     */
    boolean take(Common common, List<String> filters, Predicate<Message> take) {
        if (count < 1) {
            throw ToolException.usage("-n " + count + " is less than 1.");
        }
        try (MqttSession session = MqttConnection.connect(login(common))) {
            session.subscribe(filters, 1);
            common.say("Subscribed to " + String.join(", ", filters) + ".");
            Instant end = Instant.now().plus(timeout);
            int taken = 0;
            while (taken < count && Instant.now().isBefore(end)) {
                Optional<MqttMessage> message = session.receive(LOOK);
                if (message.isPresent()) {
                    taken++;
                    if (!take.test(message.get().publishedBy("not-known-here", Optional.empty()))) {
                        return false;
                    }
                }
            }
            return taken == count;
        }
    }

    private MqttLogin login(Common common) {
        Optional<String[]> referred = common.setting(Setting.BROKER_LOGIN, login)
                .map(reference -> common.settings().secret(reference).split(":", 2));
        return new MqttLogin(
                BrokerAddress.parse(Optional.ofNullable(from).orElse("")),
                5,
                Optional.empty(),
                referred.map(parts -> parts[0]),
                referred.filter(parts -> parts.length == 2).map(parts -> parts[1]),
                Optional.ofNullable(trusted),
                Optional.empty(),
                Optional.empty());
    }
}
