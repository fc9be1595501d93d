package io.sluice.tools.cli;

import io.sluice.tools.ExitCode;
import io.sluice.tools.Setting;
import io.sluice.tools.Settings;
import io.sluice.tools.ToolException;
import io.sluice.tools.console.ConsoleServer;
import io.sluice.tools.console.ConsoleSetup;
import io.sluice.tools.console.Passwords;
import io.sluice.tools.console.Places;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the console. */
@Command(
        name = "console",
        description = "Serves a web page that configures, previews, watches and repairs connectors, until Ctrl-C."
                + " Prints an address that logs in the browser that opens it first; press Enter for another one. In"
                + " the page you choose between your contexts; it reaches no other address.",
        footer = {
            "  sluice console",
            "  sluice console --context production --read-only",
            "  sluice console --host 0.0.0.0 --name console.example.com --tls-keystore key.p12 \\",
            "      --tls-keystore-password env:KEYSTORE_PASSWORD --password-file users"
        })
final class ConsoleCommand implements Callable<Integer> {

    @Mixin
    private final Common common = new Common();

    @Option(names = "--host", paramLabel = "HOST", description = "Where it listens; by default 127.0.0.1.")
    private String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "PORT", description = "Its port; by default 8090, and 0 takes a free one.")
    private int port = 8090;

    @Option(
            names = "--name",
            paramLabel = "HOST",
            description = "A name under which browsers reach it, if that is not where it listens.")
    private List<String> names = List.of();

    @Option(names = "--read-only", description = "Let the page look, and change nothing.")
    private boolean readOnly;

    @Option(names = "--worker", paramLabel = "URL", description = "The Connect worker, in place of the context's.")
    private @Nullable String worker;

    @Option(names = "--broker", paramLabel = "URL", description = "The MQTT broker, in place of the context's.")
    private @Nullable String broker;

    @Option(names = "--kafka", paramLabel = "HOST:PORT,…", description = "Kafka, in place of the context's.")
    private @Nullable String kafka;

    @Option(
            names = "--status",
            paramLabel = "URL,…",
            description = "Status listeners of workers and standalone brokers, in place of the context's.")
    private @Nullable String status;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "Users who may log in, in place of the printed address; --hash makes its lines.")
    private @Nullable Path passwords;

    @Option(
            names = "--tls-keystore",
            paramLabel = "FILE",
            description = "Key and certificate (PKCS#12) for HTTPS, which is needed beyond this machine.")
    private @Nullable Path keyStore;

    @Option(
            names = "--tls-keystore-password",
            paramLabel = "REFERENCE",
            description = "Where its password is: env:NAME or file:PATH.")
    private @Nullable String keyStorePassword;

    @Option(
            names = "--hash",
            paramLabel = "USER",
            description =
                    "Only read a password from the standard input, and print the user's line for the password file.")
    private @Nullable String hash;

    @Override
    public Integer call() throws InterruptedException {
        if (hash != null) {
            common.print(Passwords.line(hash, password()) + "\n");
            return ExitCode.OK.number();
        }
        if (port < 0 || port > 65_535) {
            throw ToolException.usage("--port is 0 to 65535, not " + port + ".");
        }
        Settings settings = common.settings();
        ConsoleSetup setup = new ConsoleSetup(
                new InetSocketAddress(host, port),
                names,
                Optional.ofNullable(keyStore),
                keyStorePassword == null ? "" : settings.secret(keyStorePassword),
                Optional.ofNullable(passwords).map(Passwords::new),
                readOnly);
        Places places = new Places(common.surroundings().contexts(), given(settings));
        try (ConsoleServer server = new ConsoleServer(setup, places, new ToolsVersion().getVersion()[0])) {
            do {
                common.surroundings().out().println(server.newAddress());
                common.surroundings().out().flush();
            } while (common.surroundings().readLine().isPresent());
            // Without a terminal it runs until it is ended.
            new CountDownLatch(1).await();
        }
        return ExitCode.OK.number();
    }

    /** A flag comes before a variable of the environment, which comes before the context. */
    private Settings given(Settings settings) {
        Map<String, String> flags = new HashMap<>();
        put(flags, Setting.WORKER, worker);
        put(flags, Setting.BROKER, broker);
        put(flags, Setting.KAFKA, kafka);
        put(flags, Setting.STATUS, status);
        if (flags.isEmpty()) {
            return settings;
        }
        Map<String, String> environment = new HashMap<>(settings.environment());
        environment.putAll(flags);
        return new Settings(environment, Optional.of("this command"), settings.context());
    }

    private static void put(Map<String, String> flags, Setting setting, @Nullable String value) {
        if (value != null) {
            flags.put(setting.variable(), value);
        }
    }

    private String password() {
        return common.surroundings()
                .readLine()
                .filter(line -> !line.isEmpty())
                .orElseThrow(() ->
                        ToolException.usage("--hash reads the password from the standard input, which has none."));
    }
}
