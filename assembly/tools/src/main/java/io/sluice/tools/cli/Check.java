package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.ExitCode;
import io.sluice.tools.KafkaView;
import io.sluice.tools.Setting;
import io.sluice.tools.ToolException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.apache.kafka.common.acl.AclOperation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks the worker and Kafka whether a connector can do its work. */
@Command(
        name = "check",
        description =
                "Asks the worker, as `validate` does, and Kafka: whether it answers, whether it is the worker's, and"
                        + " for each topic that is named without a template whether it is there or can be created, and may be"
                        + " written to. Rights are those of whoever asks. Changes nothing. Ends with 3 if something is wrong.",
        footerHeading = "%nExamples:%n",
        footer = {"  sluice connector check -f first.json --kafka localhost:9092", "  sluice connector check sluice"})
final class Check implements Callable<Integer> {

    private static final Pattern TOPIC_KEY =
            Pattern.compile("(route\\.[^.]+\\.)?kafka\\.topic|dead\\.letter\\.topic|connections\\.topic");
    private static final String OVERRIDE = "producer.override.";
    private static final String REPLICAS = "topic.creation.default.replication.factor";
    private static final Map<String, String> DEFAULTS =
            Map.of("kafka.topic", "mqtt.messages", "dead.letter.topic", "mqtt.dead.letters");

    @Mixin
    private final WorkerOptions worker = new WorkerOptions();

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT,…",
            description = "Kafka's addresses, unless the connector names some (producer.override.bootstrap.servers); by"
                    + " default $$SLUICE_KAFKA, else the context's, else localhost:9092.")
    private @Nullable String kafka;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description =
                    "Properties with further settings of Kafka's clients; by default $$SLUICE_KAFKA_CONFIG, else the"
                            + " context's.")
    private @Nullable String kafkaConfig;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Subject subject = new Subject();

    /** What is checked. */
    static final class Subject {

        @ArgGroup(exclusive = false)
        private @Nullable FileOptions files;

        @Parameters(paramLabel = "NAME", arity = "0..1", description = "a connector that the worker has")
        private @Nullable String name;
    }

    @Override
    public Integer call() {
        ConnectClient connect = worker.connect();
        FileOptions files = subject.files;
        List<Connector> connectors = files != null
                ? files.connectors(worker.surroundings())
                : List.of(connect.connector(Optional.ofNullable(subject.name).orElse("")));
        ArrayNode rows = Common.JSON.createArrayNode();
        try {
            connectors.forEach(connector -> check(connect, connector, rows));
        } finally {
            worker.print(rows, "connector", "result", "of", "finding");
        }
        boolean wrong = rows.findValuesAsText("result").contains(Findings.WRONG);
        return wrong ? ExitCode.FOUND.number() : ExitCode.OK.number();
    }

    private void check(ConnectClient connect, Connector connector, ArrayNode rows) {
        Findings findings = new Findings(rows, connector.name());
        Mistakes.ofWorker(connect, connector)
                .forEach(mistake -> findings.wrong(
                        mistake.path("key").asText(), mistake.path("mistake").asText()));
        askKafka(connect, connector, findings);
    }

    /** What was found, row by row. */
    private record Findings(ArrayNode rows, String connector) {

        private static final String WRONG = "wrong";

        void wrong(String of, String finding) {
            add(WRONG, of, finding);
        }

        void good(String of, String finding) {
            add("ok", of, finding);
        }

        private void add(String result, String of, String finding) {
            rows.addObject()
                    .put("connector", connector)
                    .put("result", result)
                    .put("of", of)
                    .put("finding", finding);
        }
    }

    private void askKafka(ConnectClient connect, Connector connector, Findings findings) {
        Optional<String> own = Optional.ofNullable(connector.config().get(OVERRIDE + "bootstrap.servers"));
        String servers = own.or(() -> worker.setting(Setting.KAFKA, kafka)).orElseThrow();
        Map<String, String> settings = clientSettings(connector);
        try (KafkaView view = KafkaView.of(servers, settings)) {
            String cluster = view.clusterId();
            JsonNode expected = connect.worker().path("kafka_cluster_id");
            if (own.isEmpty() && expected.isTextual() && !expected.asText().equals(cluster)) {
                findings.wrong(
                        "Kafka",
                        servers + " is not the worker's Kafka: its id is " + cluster + ", the worker's "
                                + expected.asText() + "; name the worker's with --kafka.");
                return;
            }
            findings.good("Kafka", servers + " answers.");
            for (String topic : topics(connector)) {
                askTopic(view, connector, topic, findings);
            }
        } catch (ToolException e) {
            if (e.exitCode() == ExitCode.UNREACHABLE) {
                throw e;
            }
            findings.wrong("Kafka", e.sentence());
        }
    }

    private Map<String, String> clientSettings(Connector connector) {
        Map<String, String> settings = new HashMap<>(worker.setting(Setting.KAFKA_CONFIG, kafkaConfig)
                .map(KafkaOptions::properties)
                .orElse(Map.of()));
        connector.config().forEach((key, value) -> {
            if (key.startsWith(OVERRIDE + "s") && !value.contains("${")) {
                settings.put(key.substring(OVERRIDE.length()), value);
            }
        });
        return settings;
    }

    /** Those that are named without a template. */
    private static Set<String> topics(Connector connector) {
        Map<String, String> config = new HashMap<>(connector.config());
        if (!config.containsKey("routes")) {
            config.putIfAbsent("kafka.topic", DEFAULTS.get("kafka.topic"));
        }
        config.putIfAbsent("dead.letter.topic", DEFAULTS.get("dead.letter.topic"));
        Set<String> topics = new TreeSet<>();
        config.forEach((key, value) -> {
            if (TOPIC_KEY.matcher(key).matches() && !value.isEmpty() && !value.contains("{")) {
                topics.add(value);
            }
        });
        return topics;
    }

    private static void askTopic(KafkaView view, Connector connector, String topic, Findings findings) {
        Optional<Set<AclOperation>> operations = view.operations(topic);
        Optional<String> replicas = Optional.ofNullable(connector.config().get(REPLICAS));
        if (operations.isPresent()) {
            if (operations.get().contains(AclOperation.WRITE)) {
                findings.good(topic, "It is there, and may be written to.");
            } else {
                findings.wrong(topic, "It is there, but may not be written to.");
            }
        } else if (replicas.isEmpty()) {
            findings.wrong(
                    topic,
                    "It is not there, and Connect does not create it; set topic.creation.default.partitions and"
                            + " topic.creation.default.replication.factor, or create it.");
        } else if (replicas.get().matches("[0-9]+") && Integer.parseInt(replicas.get()) > view.brokers()) {
            findings.wrong(
                    topic,
                    "It is not there, and cannot be created with " + replicas.get() + " replicas, as Kafka has "
                            + view.brokers() + " brokers.");
        } else {
            findings.good(topic, "It is not there yet; Connect creates it.");
        }
    }
}
