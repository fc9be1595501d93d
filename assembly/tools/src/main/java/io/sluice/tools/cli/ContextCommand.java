package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.Context;
import io.sluice.tools.Contexts;
import io.sluice.tools.Secrets;
import io.sluice.tools.StatusClient;
import io.sluice.tools.ToolException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Contexts: addresses by name. */
@Command(
        name = "context",
        description = "Remembers addresses of workers, brokers and Kafka by name, in a file that only you can read.",
        addMethodSubcommands = false,
        footer = {
            "  sluice context set production --worker https://connect.example.com \\",
            "      --worker-login env:CONNECT_LOGIN",
            "  sluice context use production"
        })
final class ContextCommand {

    private static final String NAME = "the context's name";

    @Command(
            description =
                    "Makes a context, or changes the given settings of a context. The first one is in use at once.",
            footer = "  sluice context set home --worker http://localhost:8083 --broker mqtt://localhost:1883")
    void set(
            @Mixin Common common,
            @Parameters(paramLabel = "NAME", description = NAME) String name,
            @Option(names = "--worker", paramLabel = "URL", description = "The Connect worker's address.") @Nullable
                    String worker,
            @Option(
                            names = "--worker-login",
                            paramLabel = "REFERENCE",
                            description = "Where its user:password is: env:NAME or file:PATH.")
                    @Nullable
                    String workerLogin,
            @Option(
                            names = "--worker-ca",
                            paramLabel = "FILE",
                            description = "Certificates (PEM) to trust for it, in place of those that Java trusts.")
                    @Nullable
                    String workerCa,
            @Option(names = "--broker", paramLabel = "URL", description = "The MQTT broker's address.") @Nullable
                    String broker,
            @Option(
                            names = "--broker-login",
                            paramLabel = "REFERENCE",
                            description = "Where its user:password is: env:NAME or file:PATH.")
                    @Nullable
                    String brokerLogin,
            @Option(names = "--kafka", paramLabel = "HOST:PORT,…", description = "Kafka's addresses.") @Nullable
                    String kafka,
            @Option(
                            names = "--kafka-config",
                            paramLabel = "FILE",
                            description = "Properties with further settings of Kafka's clients, such as for TLS.")
                    @Nullable
                    String kafkaConfig,
            @Option(
                            names = "--status",
                            paramLabel = "URL,…",
                            description = "Status listeners of workers and standalone brokers.")
                    @Nullable
                    String status,
            @Option(
                            names = "--status-token",
                            paramLabel = "REFERENCE",
                            description = "Where their token is: env:NAME or file:PATH.")
                    @Nullable
                    String statusToken,
            @Option(
                            names = "--connector",
                            paramLabel = "KEY=VALUE",
                            description = "A setting that `connector create` gives each connector, such as"
                                    + " buffer.dir=/var/lib/sluice.")
                    @Nullable
                    Map<String, String> connector) {
        if (worker != null) {
            Secrets.withoutLogin(worker, "--worker-login");
        }
        if (broker != null) {
            Secrets.withoutLogin(broker, "--broker-login");
        }
        reference(workerLogin);
        reference(brokerLogin);
        reference(statusToken);
        if (status != null) {
            StatusClient.addresses(status);
        }
        Map<String, String> settings = connector == null ? Map.of() : connector;
        settings.forEach((key, value) -> {
            if (!Secrets.shown(key, value).equals(value)) {
                boolean whole = Secrets.shown(key, value).equals(Secrets.MASK);
                throw ToolException.usage(key + (whole ? " is a secret" : " has a login in its address")
                        + "; give a reference such as ${file:/etc/sluice/secrets:" + key + "}.");
            }
        });
        Contexts contexts = contexts(common);
        Context known = contexts.all().getOrDefault(name, Context.EMPTY);
        contexts.set(
                name,
                known.with(new Context(
                        worker,
                        absolute(workerLogin),
                        path(workerCa),
                        broker,
                        absolute(brokerLogin),
                        kafka,
                        path(kafkaConfig),
                        status,
                        absolute(statusToken),
                        settings)));
    }

    @Command(
            description = "Takes a context into use, for commands that name none.",
            footer = "  sluice context use production")
    void use(@Mixin Common common, @Parameters(paramLabel = "NAME", description = NAME) String name) {
        contexts(common).use(name);
    }

    @Command(description = "Shows the contexts; the one in use has a star.", footer = "  sluice context list -o yaml")
    void list(@Mixin Common common) {
        Contexts contexts = contexts(common);
        ArrayNode rows = Common.JSON.createArrayNode();
        new TreeMap<>(contexts.all())
                .forEach((name, context) -> rows.addObject()
                        .put("name", name)
                        .put("use", contexts.current().filter(name::equals).isPresent() ? "*" : "")
                        .setAll(Common.JSON.<ObjectNode>valueToTree(context)));
        common.print(rows, "name", "use", "worker", "broker", "kafka");
    }

    @Command(description = "Forgets a context.", footer = "  sluice context delete home")
    void delete(@Mixin Common common, @Parameters(paramLabel = "NAME", description = NAME) String name) {
        contexts(common).delete(name);
    }

    private static Contexts contexts(Common common) {
        return Contexts.read(common.surroundings().contexts());
    }

    private static @Nullable String path(@Nullable String file) {
        return file == null ? null : Path.of(file).toAbsolutePath().toString();
    }

    /** A context is used from other folders than the one it is made in. */
    private static @Nullable String absolute(@Nullable String reference) {
        String file = "file:";
        return reference == null || !reference.startsWith(file)
                ? reference
                : file + Path.of(reference.substring(file.length())).toAbsolutePath();
    }

    private static void reference(@Nullable String login) {
        if (login != null && !login.startsWith("env:") && !login.startsWith("file:")) {
            throw ToolException.usage(
                    "A login is given as env:NAME or file:PATH, so that no secret is in the contexts.");
        }
    }
}
