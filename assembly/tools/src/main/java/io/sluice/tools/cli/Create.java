package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.ToolException;
import io.sluice.tools.kafka.KafkaPreset;
import io.sluice.tools.migrate.Migrated;
import io.sluice.tools.migrate.RobustMq;
import io.sluice.tools.migrate.Tbmq;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Creates a connector from what RobustMQ's, or TBMQ's, is configured with. */
@Command(
        name = "create",
        description = "Creates a connector from the configuration of RobustMQ's, or of TBMQ's Kafka integration, and"
                + " says what differs. It waits until the connector runs (--wait 0s does not wait). The broker's"
                + " listeners and buffer come from the context's connector settings, else they are"
                + " tcp://127.0.0.1:1883 and /var/lib/sluice.",
        footer = {
            "  sluice connector create --connector-name temperatures --topic-name 'sensors/+/temp' \\",
            "      --config '{\"bootstrap_servers\": \"localhost:9092\", \"topic\": \"temperatures\", \"key\": \"\"}'",
            "  sluice connector create --from tbmq --config @integration.json --set buffer.dir=/data/sluice",
            "  sluice connector create --from tbmq --config @integration.json --preset confluent-cloud"
        })
final class Create implements Runnable {

    /** Whose configuration it is; the names are what {@code --from} takes. */
    enum From {
        robustmq,
        tbmq
    }

    /** Who creates a connector publishes next: by then the broker has to listen. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String SERVERS = "producer.override.bootstrap.servers";

    @Mixin
    private final WorkerOptions worker = new WorkerOptions();

    @Mixin
    private final WaitOption wait = new WaitOption();

    @Option(
            names = {"-n", "--connector-name"},
            paramLabel = "NAME",
            description = "The connector's name; with --from tbmq by default the integration's.")
    private @Nullable String name;

    @Option(
            names = {"-t", "--connector-type"},
            paramLabel = "TYPE",
            description = "Kafka.")
    private String type = "Kafka";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "JSON",
            required = true,
            description = "The other system's configuration as JSON, or @FILE.")
    private String config = "";

    @Option(
            names = {"-p", "--topic-id", "--topic-name"},
            paramLabel = "FILTER",
            description = "The MQTT topic or filter; with --from tbmq in place of the integration's.")
    private @Nullable String topic;

    @Mixin
    private final Tenant tenant = new Tenant();

    @Option(
            names = "--from",
            paramLabel = "SYSTEM",
            description = "Whose configuration it is: ${COMPLETION-CANDIDATES}.")
    private From from = From.robustmq;

    @Option(
            names = "--another-kafka",
            description = "Records go to the Kafka that the configuration names, which is not the worker's.")
    private boolean anotherKafka;

    @Option(
            names = "--preset",
            paramLabel = "PRESET",
            description = "How the connector logs in to the Kafka that the configuration names:"
                    + " ${COMPLETION-CANDIDATES}; `connector preset` prints the settings.")
    private @Nullable KafkaPreset preset;

    @Mixin
    private final PresetOptions presetOptions = new PresetOptions();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting of the connector, which replaces or adds to those from the configuration.")
    private Map<String, String> settings = new TreeMap<>();

    static final class Tenant {

        @Option(
                names = {"-T", "--tenant"},
                paramLabel = "TENANT",
                description = "RobustMQ's; only default has a counterpart.")
        private String name = "default";

        void check() {
            if (!name.equals("default")) {
                throw ToolException.usage(
                        "--tenant " + name + " has no counterpart; use a separate worker for each tenant.");
            }
        }
    }

    @Override
    public void run() {
        tenant.check();
        String json = config.startsWith("@") ? read(Path.of(config.substring(1))) : config;
        Migrated migrated = migrated(json);
        Map<String, String> complete = new TreeMap<>(migrated.connector("").config());
        if (preset != null) {
            complete.putAll(preset.settings(complete.getOrDefault(SERVERS, ""), presetOptions.places()));
        }
        complete.putAll(settings);
        Connector wanted = new Connector(name(json), complete);
        ConnectClient connect = worker.connect();
        boolean runs = from != From.tbmq || Tbmq.isEnabled(json);
        ObjectNode row = Apply.compare(connect, wanted, connector -> create(connect, connector, runs));
        ArrayNode rows = Common.JSON.createArrayNode().add(row);
        migrated.notes().forEach(worker::say);
        Apply.print(worker, rows);
        if (runs) {
            wait.awaitRunning(connect, wanted.name(), PATIENCE);
            return;
        }
        if (row.path("result").asText().equals("unchanged")) {
            connect.stop(wanted.name());
        }
        worker.say("The integration is not enabled: the connector is stopped.");
    }

    private Migrated migrated(String json) {
        Map<String, String> own = worker.settings().context().connectorSettings();
        boolean another = anotherKafka || preset != null;
        if (from == From.tbmq) {
            return Tbmq.migrate(json, topic, another, own);
        }
        if (topic == null) {
            throw missing("--topic-name, the MQTT topic or filter that it reads");
        }
        return RobustMq.migrate(type, json, topic, another, own);
    }

    private String name(String json) {
        Optional<String> given = Optional.ofNullable(name);
        return (from == From.tbmq ? given.or(() -> Tbmq.name(json)) : given)
                .orElseThrow(() -> missing("--connector-name, the connector's name"));
    }

    private static ToolException missing(String option) {
        return ToolException.usage("This needs " + option + ".");
    }

    /** What is there is not changed by somebody who believes that it is not. */
    private static void create(ConnectClient connect, Connector wanted, boolean runs) {
        if (connect.find(wanted.name()).isPresent()) {
            throw ToolException.failed("There is a connector " + wanted.name()
                    + " already, with another configuration; `sluice connector apply` changes one.");
        }
        if (runs) {
            connect.apply(wanted);
        } else {
            connect.createStopped(wanted);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw ToolException.usage("The configuration in " + file + " cannot be read: " + e, e);
        }
    }
}
