package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.ExitCode;
import io.sluice.tools.doctor.Checkup;
import io.sluice.tools.doctor.Findings;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Asks the worker and Kafka whether a connector can do its work. */
@Command(
        name = "check",
        description = "Checks a connector with the worker, as `validate` does, and with Kafka: whether it answers,"
                + " whether it is the worker's, and whether each topic without a template exists or can be created,"
                + " and may be written to, with the rights of this login. Changes nothing. Exits with 3 if it finds a"
                + " mistake.",
        footer = {"  sluice connector check -f first.json --kafka localhost:9092", "  sluice connector check sluice"})
final class Check implements Callable<Integer> {

    @Mixin
    private final WorkerOptions worker = new WorkerOptions();

    @Mixin
    private final KafkaAddress kafka = new KafkaAddress();

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Subject subject = new Subject();

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
        Checkup checkup = new Checkup(connect, kafka.servers(worker), kafka.settings(worker));
        try {
            connectors.forEach(connector -> check(checkup, connector, rows));
        } finally {
            worker.print(rows, "connector", "result", "of", "finding");
        }
        return ExitCode.ofCheck(!rows.findValuesAsText("result").contains("wrong"));
    }

    private static void check(Checkup checkup, Connector connector, ArrayNode rows) {
        Findings findings = new Findings();
        try {
            checkup.of(connector, findings);
        } finally {
            findings.all()
                    .forEach(finding -> rows.addObject()
                            .put("connector", connector.name())
                            .put("result", finding.level().name().toLowerCase(Locale.ROOT))
                            .put("of", finding.of())
                            .put("finding", finding.sentence()));
        }
    }
}
