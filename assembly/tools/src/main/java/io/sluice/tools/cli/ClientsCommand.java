package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ConnectedClients;
import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The MQTT clients of workers' and standalone brokers. */
@Command(
        name = "clients",
        description = "Shows which MQTT clients are connected, and disconnects one. Asks status listeners.",
        addMethodSubcommands = false,
        footer = {"  sluice clients list --limit 20", "  sluice clients disconnect pump-7"})
final class ClientsCommand {

    private static final int MOST = 1_000;

    @Command(description = "Shows some of the clients that are connected.", footer = "  sluice clients list --limit 20")
    int list(
            @Mixin StatusOptions options,
            @Option(
                            names = "--limit",
                            paramLabel = "COUNT",
                            defaultValue = "100",
                            description = "How many of each listener at most, 1 to 1000; by default 100.")
                    int limit) {
        if (limit < 1 || limit > MOST) {
            throw ToolException.usage("--limit " + limit + " is not from 1 to " + MOST + ".");
        }
        ArrayNode rows = Common.JSON.createArrayNode();
        AtomicLong total = new AtomicLong();
        int exitCode = options.ask(options.listeners(), false, listener -> {
            ConnectedClients clients = listener.clients(limit);
            total.addAndGet(clients.total());
            clients.clients().forEach(client -> rows.add(Common.JSON.<ObjectNode>valueToTree(client)));
        });
        options.print(
                rows, "clientId", "username", "address", "protocol", "transport", "queued", "connectedAt", "broker");
        if (total.get() > rows.size()) {
            options.say(total + " clients are connected, of which " + rows.size() + " are shown.");
        }
        return exitCode;
    }

    @Command(
            description = "Disconnects a client, if status.allow.disconnect permits it. Its session stays, and it may"
                    + " reconnect.",
            footer = "  sluice clients disconnect pump-7")
    int disconnect(
            @Mixin StatusOptions options,
            @Parameters(paramLabel = "ID", description = "the client's identifier") String clientId) {
        AtomicBoolean found = new AtomicBoolean();
        int exitCode = options.ask(options.listeners(), false, listener -> {
            if (listener.disconnect(clientId)) {
                found.set(true);
            }
        });
        if (found.get()) {
            return ExitCode.OK.number();
        }
        options.say("No client " + clientId + " is connected"
                + (exitCode == ExitCode.OK.number() ? "." : " to the brokers of the listeners that answer."));
        return Math.max(exitCode, ExitCode.FAILED.number());
    }
}
