package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.Patience;
import io.sluice.tools.Payloads;
import io.sluice.tools.ProcessStatus;
import io.sluice.tools.StatusClient;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What goes on in workers and standalone brokers. */
@Command(
        name = "status",
        description = "Shows the status of workers and standalone brokers: brokers, how much waits in their buffers"
                + " for each connector, and tasks with what they wait for. Asks their status listeners.",
        footer = {
            "  sluice status",
            "  sluice status --watch --status http://worker-1:9404,http://worker-2:9404",
            "  sluice status -o json"
        })
final class StatusCommand implements Callable<Integer> {

    private static final long BETWEEN_LOOKS_MS = 2_000;
    private static final String CLEAR = "\u001b[H\u001b[2J";

    @Mixin
    private final StatusOptions options = new StatusOptions();

    @Option(names = "--watch", description = "Show it again every two seconds, until it is stopped.")
    private boolean watch;

    @Override
    public Integer call() {
        List<StatusClient> listeners = options.listeners();
        int exitCode = show(listeners);
        PrintWriter out = options.surroundings().out();
        while (watch && !out.checkError()) {
            Patience.pause(BETWEEN_LOOKS_MS);
            if (options.ansi().enabled()) {
                out.print(CLEAR);
            }
            exitCode = show(listeners);
        }
        return exitCode;
    }

    /** Shows those that answer, and says the others. */
    private int show(List<StatusClient> listeners) {
        ArrayNode data = Common.JSON.createArrayNode();
        List<ProcessStatus> each = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        int exitCode = options.ask(listeners, watch, listener -> {
            ProcessStatus status = listener.status();
            each.add(status);
            addresses.add(listener.listener().toString());
            data.addObject()
                    .put("address", listener.listener().toString())
                    .setAll(Common.JSON.<ObjectNode>valueToTree(status));
        });
        if (!each.isEmpty()) {
            options.print(data, () -> tables(each, addresses), () -> addresses);
        }
        return exitCode;
    }

    private String tables(List<ProcessStatus> all, List<String> addresses) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            ProcessStatus status = all.get(i);
            text.append(i == 0 ? "" : "\n");
            text.append(status.role().equals("worker") ? "Worker" : "Standalone broker");
            text.append(Payloads.escaped(" at " + addresses.get(i) + ", Sluice " + status.version() + ", since "
                            + status.startedAt()))
                    .append('\n');
            append(text, brokers(status), "broker", "state", "clients", "sessions", "buffer", "full", "free");
            append(text, consumers(status), "broker", "connector", "attached", "messages", "bytes", "oldest");
            append(text, tasks(status), "connector", "task", "state", "lag", "oldest", "rate", "text");
        }
        return text.toString();
    }

    private void append(StringBuilder text, ArrayNode rows, String... fields) {
        if (!rows.isEmpty()) {
            text.append('\n').append(Table.of(rows, List.of(fields), options.ansi()));
        }
    }

    private static ArrayNode brokers(ProcessStatus status) {
        ArrayNode rows = Common.JSON.createArrayNode();
        for (ProcessStatus.Broker broker : status.brokers()) {
            ProcessStatus.Buffer buffer = broker.buffer();
            rows.addObject()
                    .put("broker", broker.name())
                    .put("state", broker.state().toUpperCase(Locale.ROOT))
                    .put("clients", broker.clients().connected())
                    .put("sessions", broker.clients().sessions())
                    .put("buffer", Amounts.bytes(buffer.bytes()))
                    .put("full", Math.round(100.0 * buffer.bytes() / Math.max(1, buffer.maxBytes())) + " %")
                    .put("free", buffer.freeBytes() == null ? "-" : Amounts.bytes(buffer.freeBytes()));
        }
        return rows;
    }

    private static ArrayNode consumers(ProcessStatus status) {
        ArrayNode rows = Common.JSON.createArrayNode();
        for (ProcessStatus.Broker broker : status.brokers()) {
            for (ProcessStatus.Consumer consumer : broker.consumers()) {
                rows.addObject()
                        .put("broker", broker.name())
                        .put("connector", consumer.connector())
                        .put("attached", consumer.attached() ? "yes" : consumer.expired() ? "expired" : "no")
                        .put("messages", consumer.messages())
                        .put("bytes", Amounts.bytes(consumer.bytes()))
                        .put("oldest", Amounts.time(Duration.ofMillis(consumer.oldestAgeMs())));
            }
        }
        return rows;
    }

    private static ArrayNode tasks(ProcessStatus status) {
        ArrayNode rows = Common.JSON.createArrayNode();
        for (ProcessStatus.Connector connector : status.connectors()) {
            for (ProcessStatus.Task task : connector.tasks()) {
                rows.addObject()
                        .put("connector", connector.name())
                        .put("task", task.id())
                        .put("state", task.state().toUpperCase(Locale.ROOT))
                        .put("lag", metric(task, "lag-positions"))
                        .put("oldest", Amounts.time(Duration.ofMillis(metric(task, "oldest-undelivered-age-ms"))))
                        .put("rate", metric(task, "delivered-records-rate") + "/s")
                        .put("text", task.text() == null ? "" : task.text());
            }
        }
        return rows;
    }

    private static long metric(ProcessStatus.Task task, String name) {
        Double value = task.metrics().get(name);
        return value == null ? 0 : Math.round(value);
    }
}
