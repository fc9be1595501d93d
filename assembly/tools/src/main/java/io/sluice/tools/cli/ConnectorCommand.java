package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.ExitCode;
import io.sluice.tools.Payloads;
import io.sluice.tools.RouteTrial;
import io.sluice.tools.Secrets;
import io.sluice.tools.States;
import io.sluice.tools.ToolException;
import io.sluice.tools.Variables;
import io.sluice.tools.doctor.Checkup;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a worker's connectors are, do, and are to do. */
@Command(
        name = "connector",
        description = "Creates, changes, shows and deletes the connectors of a Connect worker.",
        addMethodSubcommands = false,
        footer = {"  sluice connector apply -f first.json --wait", "  sluice connector describe sluice"})
final class ConnectorCommand {

    private static final String NAME = "the connector's name";

    @Command(description = "Lists the connectors with their states.", footer = "  sluice connector list -o name")
    void list(
            @Mixin WorkerOptions worker,
            @Option(names = "--connector-name", paramLabel = "NAME", description = "Only this one.") @Nullable
                    String only) {
        show(worker, only);
    }

    static void show(WorkerOptions worker, @Nullable String only) {
        ArrayNode rows = Common.JSON.createArrayNode();
        worker.connect().connectors().properties().stream()
                .filter(connector -> only == null || only.equals(connector.getKey()))
                .forEach(connector -> rows.add(row(connector.getKey(), connector.getValue())));
        worker.print(rows, "name", "state", "tasks", "filters", "topic", "class");
    }

    private static ObjectNode row(String name, JsonNode connector) {
        JsonNode config = connector.path("info").path("config");
        JsonNode status = connector.path("status");
        String type = config.path("connector.class").asText();
        return Common.JSON
                .createObjectNode()
                .put("name", name)
                .put("state", States.summary(status))
                .put("tasks", States.tasks(status))
                .put("filters", config.path("topic.filters").asText())
                .put("topic", config.path("kafka.topic").asText())
                .put("class", type.substring(type.lastIndexOf('.') + 1));
    }

    @Command(
            description = "Shows all that a worker tells of a connector: state, tasks, topics, configuration.",
            footer = "  sluice connector describe sluice")
    void describe(@Mixin WorkerOptions worker, @Parameters(paramLabel = "NAME", description = NAME) String name) {
        ConnectClient connect = worker.connect();
        Connector connector = connect.connector(name);
        JsonNode status = connect.status(name);
        ObjectNode all = Common.JSON.createObjectNode().put("name", name).put("state", States.summary(status));
        all.set("connector", status.path("connector"));
        all.set("tasks", status.path("tasks"));
        all.set("topics", connect.topics(name));
        all.set("config", config(connector, UnaryOperator.identity()).path("config"));
        worker.print(all, () -> Payloads.escapedLines(text(all)) + "\n", () -> List.of(name));
    }

    private static String text(ObjectNode all) {
        StringBuilder text = new StringBuilder();
        text.append(all.path("name").asText() + ": " + all.path("state").asText() + "\n");
        text.append("  on " + all.at("/connector/worker_id").asText() + "\n");
        trace(text, all.path("connector"));
        for (JsonNode task : all.path("tasks")) {
            text.append("  task " + task.path("id").asText() + ": "
                    + task.path("state").asText() + " on "
                    + task.path("worker_id").asText() + "\n");
            trace(text, task);
        }
        text.append("  wrote to: "
                + all.path("topics").valueStream().map(JsonNode::asText).collect(Collectors.joining(", "))
                + "\n");
        all.path("config")
                .properties()
                .forEach(setting -> text.append(
                        "  " + setting.getKey() + ": " + setting.getValue().asText() + "\n"));
        return text.toString();
    }

    private static void trace(StringBuilder text, JsonNode part) {
        part.path("trace").asText().lines().forEach(line -> text.append("      " + line.strip() + "\n"));
    }

    @Command(
            description = "Prints a connector's configuration, as `apply` takes it; secrets are masked.",
            footer = "  sluice connector config sluice > sluice.json")
    void config(@Mixin WorkerOptions worker, @Parameters(paramLabel = "NAME", description = NAME) String name) {
        ObjectNode config = config(worker.connect().connector(name), Variables::escaped);
        worker.print(config, () -> config.toPrettyString() + "\n", () -> List.of(name));
    }

    private static ObjectNode config(Connector connector, UnaryOperator<String> written) {
        ObjectNode settings = Common.JSON.createObjectNode();
        connector.config().forEach((key, value) -> settings.put(key, written.apply(Secrets.shown(key, value))));
        ObjectNode config = Common.JSON.createObjectNode().put("name", written.apply(connector.name()));
        config.set("config", settings);
        return config;
    }

    @Command(
            description = "Prints how the connectors of files differ from those that run. Exits with 3 if one does.",
            footer = "  sluice connector diff -f first.json")
    int diff(@Mixin WorkerOptions worker, @Mixin FileOptions files) {
        ConnectClient connect = worker.connect();
        ArrayNode rows = Common.JSON.createArrayNode();
        for (Connector wanted : files.connectors(worker.surroundings())) {
            ObjectNode row = Apply.compare(connect, wanted, change -> {});
            row.put("result", named(row.path("result").asText()));
            rows.add(row);
        }
        Apply.print(worker, rows);
        boolean same = rows.findValuesAsText("result").stream().allMatch("the same"::equals);
        return ExitCode.ofCheck(same);
    }

    private static String named(String result) {
        return switch (result) {
            case "created" -> "not there";
            case "unchanged" -> "the same";
            default -> "different";
        };
    }

    @Command(
            description = "Starts a connector and its tasks again.",
            footer = "  sluice connector restart sluice --only-failed --wait")
    void restart(
            @Mixin WorkerOptions worker,
            @Mixin WaitOption wait,
            @Option(names = "--only-failed", description = "Only what has failed.") boolean onlyFailed,
            @Parameters(paramLabel = "NAME", description = NAME) String name) {
        ConnectClient connect = worker.connect();
        connect.restart(name, onlyFailed);
        wait.awaitRunning(connect, name);
        worker.say("The connector " + name + " is started again.");
    }

    @Command(
            description = "Pauses a connector: devices stay connected, and their messages wait in the buffer.",
            footer = "  sluice connector pause sluice")
    void pause(@Mixin WorkerOptions worker, @Parameters(paramLabel = "NAME", description = NAME) String name) {
        worker.connect().pause(name);
        worker.say("The connector " + name + " is being paused.");
    }

    @Command(description = "Resumes a paused or stopped connector.", footer = "  sluice connector resume sluice --wait")
    void resume(
            @Mixin WorkerOptions worker,
            @Mixin WaitOption wait,
            @Parameters(paramLabel = "NAME", description = NAME) String name) {
        ConnectClient connect = worker.connect();
        connect.resume(name);
        wait.awaitRunning(connect, name);
        worker.say("The connector " + name + " goes on.");
    }

    @Command(
            description = "Stops a connector's tasks; its configuration and its offsets stay.",
            footer = "  sluice connector stop sluice")
    void stop(@Mixin WorkerOptions worker, @Parameters(paramLabel = "NAME", description = NAME) String name) {
        worker.connect().stop(name);
        worker.say("The connector " + name + " is being stopped.");
    }

    @Command(
            description = "Stops and deletes connectors. Their offsets and their messages in the buffer stay: a"
                    + " connector of the same name continues where they stopped.",
            footer = "  sluice connector delete sluice --yes")
    void delete(
            @Mixin WorkerOptions worker,
            @Option(names = "--yes", description = "Do not ask.") boolean yes,
            @Parameters(paramLabel = "NAME", arity = "1..*", description = "the connectors' names")
                    List<String> names) {
        ConnectClient connect = worker.connect();
        for (String name : names) {
            if (!yes && !worker.surroundings().agrees("Delete the connector " + name + "?")) {
                throw ToolException.failed("The connector " + name + " stays.");
            }
            connect.delete(name);
            worker.say("The connector " + name + " is deleted.");
        }
    }

    @Command(
            description = "Lets the worker check the connectors of files, and prints their mistakes. Changes nothing."
                    + " Exits with 3 if there are any.",
            footer = "  sluice connector validate -f first.json")
    int validate(
            @Mixin WorkerOptions worker,
            @Mixin FileOptions files,
            @Option(
                            names = "--offline",
                            description = "Let this program check, without a worker; it knows only the connector's"
                                    + " keys, not Connect's.")
                    boolean offline) {
        ArrayNode mistakes = Common.JSON.createArrayNode();
        List<Connector> connectors = files.connectors(worker.surroundings());
        for (Connector connector : connectors) {
            (offline ? RouteTrial.mistakes(connector) : Checkup.mistakes(worker.connect(), connector))
                    .forEach((key, sentences) -> sentences.forEach(sentence -> mistakes.addObject()
                            .put("connector", connector.name())
                            .put("key", key)
                            .put("mistake", sentence)));
        }
        if (mistakes.isEmpty()) {
            worker.say(connectors.stream().map(Connector::name).collect(Collectors.joining(", ")) + ": no mistakes.");
        }
        worker.print(mistakes, "connector", "key", "mistake");
        return ExitCode.ofCheck(mistakes.isEmpty());
    }
}
