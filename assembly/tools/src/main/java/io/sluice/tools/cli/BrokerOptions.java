package io.sluice.tools.cli;

import io.sluice.tools.Setting;
import io.sluice.tools.ToolException;
import io.sluice.tools.mqtt.BrokerAddress;
import io.sluice.tools.mqtt.MqttConnection;
import io.sluice.tools.mqtt.MqttLogin;
import io.sluice.tools.mqtt.MqttMessage;
import io.sluice.tools.mqtt.MqttMessage.About;
import io.sluice.tools.mqtt.MqttSession;
import java.io.Console;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that are clients of an MQTT broker. */
final class BrokerOptions extends Common {

    @Option(
            names = "--broker",
            paramLabel = "URL",
            description = "The broker's address: mqtt://HOST:PORT, mqtts://…, ws://HOST:PORT/PATH or wss://…; by"
                    + " default $$SLUICE_BROKER, else the context's, else mqtt://localhost:1883.")
    private @Nullable String broker;

    @Option(
            names = "--broker-login",
            paramLabel = "REFERENCE",
            description = "Where the user:password is: env:NAME or file:PATH; by default $$SLUICE_BROKER_LOGIN, else"
                    + " the context's.")
    private @Nullable String login;

    @Option(
            names = {"-u", "--username"},
            paramLabel = "NAME",
            description = "The user, in place of a login.")
    private @Nullable String username;

    @Option(
            names = {"-P", "--password"},
            paramLabel = "PASSWORD",
            arity = "0..1",
            fallbackValue = "",
            description = "The user's password, in place of a login; without a value, sluice asks for it. Other users"
                    + " of this machine can see a value given here.")
    private @Nullable String password;

    @Option(
            names = {"-i", "--client-id"},
            paramLabel = "ID",
            description = "The client's id; by default the broker chooses one.")
    private @Nullable String clientId;

    @Option(names = "--mqtt-version", paramLabel = "VERSION", description = "5, or 3 for 3.1.1; by default 5.")
    private int version = 5;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "Certificates (PEM) to trust, in place of those that Java trusts.")
    private @Nullable Path trusted;

    @Option(
            names = "--keystore",
            paramLabel = "FILE",
            description = "Key and certificate to show to the broker (PKCS#12).")
    private @Nullable Path keyStore;

    @Option(
            names = "--keystore-password",
            paramLabel = "REFERENCE",
            description = "Where the key store's password is: env:NAME or file:PATH.")
    private @Nullable String keyStorePassword;

    @Option(
            names = "--will-topic",
            paramLabel = "TOPIC",
            description = "Topic of the last will, which the broker publishes if this client is lost.")
    private @Nullable String willTopic;

    @Option(names = "--will-message", paramLabel = "TEXT", description = "Payload of the last will; by default empty.")
    private String willMessage = "";

    @Option(names = "--will-qos", paramLabel = "QOS", description = "QoS of the last will; by default 0.")
    private int willQos;

    @Option(names = "--will-retain", description = "The broker retains the last will.")
    private boolean willRetain;

    MqttSession connect() {
        return MqttConnection.connect(login());
    }

    MqttLogin login() {
        if (version != 3 && version != 5) {
            throw ToolException.usage("--mqtt-version is 3 or 5, not " + version + ".");
        }
        BrokerAddress address =
                BrokerAddress.parse(setting(Setting.BROKER, broker).orElseThrow());
        Optional<String> user = Optional.ofNullable(username);
        Optional<String> secret = Optional.ofNullable(password).map(given -> given.isEmpty() ? asked() : given);
        if (user.isEmpty()) {
            Optional<String[]> referred = setting(Setting.BROKER_LOGIN, login)
                    .map(reference -> settings().secret(reference).split(":", 2));
            user = referred.map(parts -> parts[0]);
            secret = secret.or(() -> referred.filter(parts -> parts.length == 2).map(parts -> parts[1]));
        }
        return new MqttLogin(
                address,
                version,
                Optional.ofNullable(clientId),
                user,
                secret,
                Optional.ofNullable(trusted),
                certificate(),
                Optional.ofNullable(willTopic)
                        .map(topic -> new MqttMessage(
                                topic,
                                willMessage.getBytes(StandardCharsets.UTF_8),
                                qos("--will-qos", willQos),
                                willRetain,
                                About.NOTHING)));
    }

    @SuppressWarnings("SystemConsoleNull") // up to Java 21 it is null where there is no terminal
    private static String asked() {
        Console console = System.console();
        char[] typed = console == null ? null : console.readPassword("Password: ");
        if (typed == null) {
            throw ToolException.usage("Nobody is there to be asked for the password; give --broker-login.");
        }
        return new String(typed);
    }

    private Optional<MqttLogin.KeyStoreFile> certificate() {
        return Optional.ofNullable(keyStore)
                .map(file -> new MqttLogin.KeyStoreFile(
                        file, keyStorePassword == null ? "" : settings().secret(keyStorePassword)));
    }

    static int qos(String option, int qos) {
        if (qos < 0 || qos > 2) {
            throw ToolException.usage(option + " is 0, 1 or 2, not " + qos + ".");
        }
        return qos;
    }
}
