package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.tools.ConnectedClients;
import io.sluice.tools.ExitCode;
import io.sluice.tools.StatusClient;
import io.sluice.tools.ToolException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The MQTT clients of workers' and standalone brokers. */
@Command(
        name = "clients",
        mixinStandardHelpOptions = true,
        versionProvider = ToolsVersion.class,
        description = "Shows which MQTT clients are connected, and disconnects one. Asks status listeners.",
        synopsisSubcommandLabel = "COMMAND",
        addMethodSubcommands = false,
        footerHeading = "%nExamples:%n",
        footer = {"  sluice clients list --limit 20", "  sluice clients disconnect pump-7"})
final class ClientsCommand {

    private static final int MOST = 1_000;

    @Command(
            description = "Shows some of the clients that are connected.",
            footerHeading = "%nExample:%n",
            footer = "  sluice clients list --limit 20")
    void list(
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
        long total = 0;
        for (StatusClient listener : options.listeners()) {
            ConnectedClients clients = listener.clients(limit);
            total += clients.total();
            clients.clients().forEach(client -> rows.add(Common.JSON.<ObjectNode>valueToTree(client)));
        }
        options.print(
                rows, "clientId", "username", "address", "protocol", "transport", "queued", "connectedAt", "broker");
        if (total > rows.size()) {
            options.say(total + " clients are connected, of which " + rows.size() + " are shown.");
        }
    }

    @Command(
            description = "Disconnects a client, if status.allow.disconnect permits it. Its session stays, and it may"
                    + " reconnect.",
            footerHeading = "%nExample:%n",
            footer = "  sluice clients disconnect pump-7")
    int disconnect(
            @Mixin StatusOptions options,
            @Parameters(paramLabel = "ID", description = "the client's identifier") String clientId) {
        boolean found = false;
        for (StatusClient listener : options.listeners()) {
            found |= listener.disconnect(clientId);
        }
        if (!found) {
            options.say("No client " + clientId + " is connected.");
        }
        return found ? ExitCode.OK.number() : ExitCode.FAILED.number();
    }
}
