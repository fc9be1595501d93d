package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.Difference;
import io.sluice.tools.Payloads;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a worker's connectors what files say. */
@Command(
        name = "apply",
        description = "Creates or changes connectors as files say, and prints the differences to the running ones."
                + " Leaves connectors alone that do not differ.",
        footer = {
            "  sluice connector apply -f first.json --wait",
            "  sluice connector apply -f fleet.yaml --env --var SITE=berlin --dry-run"
        })
final class Apply implements Runnable {

    @Mixin
    private final WorkerOptions worker = new WorkerOptions();

    @Mixin
    private final FileOptions files = new FileOptions();

    @Mixin
    private final WaitOption wait = new WaitOption();

    @Option(names = "--dry-run", description = "Only print what would change.")
    private boolean dryRun;

    @Override
    public void run() {
        ConnectClient connect = worker.connect();
        List<Connector> wanted = files.connectors(worker.surroundings());
        ArrayNode rows = Common.JSON.createArrayNode();
        try {
            for (Connector connector : wanted) {
                rows.add(compare(connect, connector, dryRun ? change -> {} : connect::apply));
            }
        } finally {
            // Those before one that fails are changed.
            print(worker, rows);
        }
        if (!dryRun) {
            wanted.forEach(connector -> wait.awaitRunning(connect, connector.name()));
        }
    }

    /** Tells what is different about a connector, and hands it on if something is. */
    static ObjectNode compare(ConnectClient connect, Connector wanted, Consumer<Connector> change) {
        Optional<Connector> running = connect.find(wanted.name());
        Map<String, String> from = running.map(Connector::config).orElse(Map.of());
        List<Difference> differences = Difference.between(from, wanted.config());
        String result = running.isEmpty() ? "created" : differences.isEmpty() ? "unchanged" : "changed";
        if (!result.equals("unchanged")) {
            change.accept(wanted);
        }
        ObjectNode row = Common.JSON.createObjectNode();
        row.put("name", wanted.name()).put("result", result);
        ArrayNode changes = row.putArray("changes");
        differences.forEach(each -> changes.add(each.json().put("line", each.toString())));
        return row;
    }

    static void print(Common common, ArrayNode rows) {
        common.print(
                rows,
                () -> {
                    StringBuilder text = new StringBuilder();
                    rows.forEach(row -> {
                        text.append(Payloads.escaped(row.path("name").asText()) + ": "
                                + row.path("result").asText() + "\n");
                        row.path("changes")
                                .forEach(change -> text.append("  "
                                        + Payloads.escaped(change.path("line").asText()) + "\n"));
                    });
                    return text.toString();
                },
                () -> rows.findValuesAsText("name"));
    }
}
