package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.ExitCode;
import io.sluice.tools.Patience;
import io.sluice.tools.Payloads;
import io.sluice.tools.ToolException;
import io.sluice.tools.doctor.Bundle;
import io.sluice.tools.doctor.Finding;
import io.sluice.tools.doctor.Findings;
import io.sluice.tools.doctor.HardeningExam;
import io.sluice.tools.doctor.KafkaExam;
import io.sluice.tools.doctor.PlaceExam;
import io.sluice.tools.doctor.WorkerExam;
import io.sluice.tools.doctor.WorkerFile;
import io.sluice.tools.kafka.KafkaView;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks for what is wrong with an installation. */
@Command(
        name = "doctor",
        description = {
            "Checks an installation, and suggests remedies: the worker, its plugin and version, the connectors with"
                    + " their converters, tasks and batch size, what the worker lets them set, exactly-once, listeners"
                    + " and their certificates, the security of listeners that other machines can reach, the disk of the"
                    + " buffer, Kafka with topics, rights and hanging transactions, and clocks. Changes nothing.",
            "Exits with 3 if it finds a mistake. A question mark means that it cannot check this from here."
        },
        footer = {
            "  sluice doctor",
            "  sluice doctor -f first.json --worker-config /etc/kafka/connect-distributed.properties",
            "  sluice doctor --bundle for-support.zip"
        })
final class Doctor implements Callable<Integer> {

    @Mixin
    private final WorkerOptions worker = new WorkerOptions();

    @ArgGroup(exclusive = false)
    private @Nullable FileOptions files;

    @Mixin
    private final KafkaAddress kafka = new KafkaAddress();

    @Option(
            names = "--worker-config",
            paramLabel = "FILE",
            description = "The worker's properties file, for settings that a worker does not expose: its converters,"
                    + " its plugin path, the topic of offsets, scheduled.rebalance.max.delay.ms.")
    private @Nullable Path workerConfig;

    @Option(
            names = "--bundle",
            paramLabel = "FILE.zip",
            description = "Also write the findings, with plugins, connectors, their states and offsets, into a file for"
                    + " support; secrets are masked.")
    private @Nullable Path bundle;

    private final Findings findings = new Findings();
    private final Bundle gathered = new Bundle();

    /** Whether the worker answers. */
    private boolean answers;

    @Override
    public Integer call() {
        ConnectClient connect = worker.connect();
        Optional<WorkerFile> file = Optional.ofNullable(workerConfig).map(WorkerFile::read);
        List<Connector> connectors = new ArrayList<>();
        if (files != null) {
            connectors.addAll(files.connectors(worker.surroundings()));
        }
        answers = askWorker(connect, file, connectors);
        connectors.forEach(gathered::add);
        askPlaces(connect, file, connectors);
        for (Connector connector : connectors) {
            askKafka(connect, file, connector);
        }
        ArrayNode rows = rows();
        try {
            if (bundle != null) {
                gathered.add("findings", rows);
                gathered.add("program", program());
                gathered.write(bundle);
                worker.say(bundle + " is written.");
            }
        } finally {
            // What was found took its time, and is worth reading without the file.
            worker.print(rows, this::text, () -> rows.findValuesAsText("of"));
        }
        return ExitCode.ofCheck(!findings.anyWrong());
    }

    private boolean askWorker(ConnectClient connect, Optional<WorkerFile> file, List<Connector> connectors) {
        WorkerExam exam = new WorkerExam(connect, file, findings);
        try {
            exam.worker(ToolsVersion.number());
            gathered.add("worker", connect.worker());
            gathered.add("plugins", connect.plugins());
            if (files == null) {
                connect.connectors().properties().stream()
                        .map(each -> Connector.of(each.getKey(), each.getValue().at("/info/config")))
                        .filter(connector -> connector.connectorClass().equals(WorkerExam.SLUICE))
                        .forEach(connectors::add);
            }
        } catch (ToolException e) {
            findings.about("worker").wrong(e.sentence(), "Start it, or name the right one.");
            return false;
        }
        if (connectors.isEmpty()) {
            findings.about("connectors")
                    .unknown("The worker has no connector of Sluice.", "`sluice connector apply -f FILE`");
        }
        connectors.forEach(connector -> askAbout(exam, connect, connector));
        return true;
    }

    private void askAbout(WorkerExam exam, ConnectClient connect, Connector connector) {
        try {
            exam.connector(connector);
            if (connect.find(connector.name()).isPresent()) {
                String folder = "connectors/" + Bundle.fileName(connector.name());
                gathered.add(folder + "/status", connect.status(connector.name()));
                gathered.add(folder + "/topics", connect.topics(connector.name()));
                gathered.add(folder + "/offsets", withoutRuns(connect.offsets(connector.name())));
            }
        } catch (ToolException e) {
            findings.about(connector.name()).wrong(e.sentence(), "");
        }
    }

    /** Who has the mark of a run can pretend to be the task. */
    private static JsonNode withoutRuns(JsonNode offsets) {
        JsonNode copy = offsets.deepCopy();
        copy.findParents("run").forEach(offset -> ((ObjectNode) offset).remove("run"));
        return copy;
    }

    private void askPlaces(ConnectClient connect, Optional<WorkerFile> file, List<Connector> connectors) {
        PlaceExam exam = new PlaceExam(URI.create(worker.address()), findings);
        HardeningExam hardening = new HardeningExam(exam.isWorkerHere(), findings);
        if (answers) {
            exam.worker();
            hardening.worker(URI.create(worker.address()), file);
        }
        for (Connector connector : connectors) {
            exam.connector(connector, told(() -> connect.find(connector.name())).isPresent());
            hardening.connector(connector);
        }
    }

    private void askKafka(ConnectClient connect, Optional<WorkerFile> file, Connector connector) {
        KafkaExam exam = new KafkaExam(kafka.servers(worker), kafka.settings(worker), findings);
        if (!exam.canAsk(connector)) {
            return;
        }
        try (KafkaView view = exam.open(connector)) {
            JsonNode expected = told(() -> Optional.of(connect.worker().path("kafka_cluster_id")))
                    .orElse(MissingNode.getInstance());
            if (exam.kafka(view, connector, expected)) {
                exam.topics(view, connector);
                exam.clock(view, told(connect::clock).map(clock -> Duration.between(Instant.now(), clock)));
                exam.transactions(
                        view, connector, written(connect, connector), offsets(file, connector), Patience::pause);
            }
        } catch (ToolException e) {
            findings.about("Kafka").wrong(e.sentence(), "Start it, or name the right one.");
        }
    }

    private Set<String> written(ConnectClient connect, Connector connector) {
        Set<String> topics = new TreeSet<>();
        told(() -> connect.find(connector.name()).map(found -> connect.topics(found.name())))
                .ifPresent(names -> names.forEach(topic -> topics.add(topic.asText())));
        return topics;
    }

    /** What the worker says, if it does: that it does not is a finding already, and costs no other finding. */
    private <T> Optional<T> told(Supplier<Optional<T>> question) {
        try {
            return answers ? question.get() : Optional.empty();
        } catch (ToolException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> offsets(Optional<WorkerFile> file, Connector connector) {
        return Optional.ofNullable(connector.config().get("offsets.storage.topic"))
                .or(() -> file.flatMap(each -> each.setting("offset.storage.topic")));
    }

    private ArrayNode rows() {
        ArrayNode rows = Common.JSON.createArrayNode();
        findings.all()
                .forEach(finding -> rows.addObject()
                        .put("result", finding.level().name().toLowerCase(Locale.ROOT))
                        .put("of", finding.of())
                        .put("finding", finding.finding())
                        .put("remedy", finding.remedy()));
        return rows;
    }

    private static ObjectNode program() {
        return Common.JSON
                .createObjectNode()
                .put("version", ToolsVersion.number().orElse("unknown"))
                .put("java", Runtime.version().toString())
                .put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"))
                .put("time", Instant.now().toString());
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings.all()) {
            text.append(worker.ansi().string(mark(finding.level())))
                    .append(Payloads.escaped(finding.of() + ": " + finding.finding()))
                    .append(System.lineSeparator());
            if (!finding.remedy().isEmpty()) {
                text.append("        -> ")
                        .append(Payloads.escaped(finding.remedy()))
                        .append(System.lineSeparator());
            }
        }
        return text.toString();
    }

    private static String mark(Finding.Level level) {
        return switch (level) {
            case OK -> "@|green ok      |@";
            case ADVICE -> "@|yellow advice  |@";
            case UNKNOWN -> "@|yellow ?       |@";
            case WRONG -> "@|red WRONG   |@";
        };
    }
}
