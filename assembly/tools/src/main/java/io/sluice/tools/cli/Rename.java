package io.sluice.tools.cli;

import io.sluice.tools.ConnectClient;
import io.sluice.tools.Connector;
import io.sluice.tools.Stopped;
import io.sluice.tools.ToolException;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Gives a connector another name. */
@Command(
        name = "rename",
        description = "Gives a connector another name: stops it, creates one of the new name that takes over what"
                + " waits in the buffer, waits until that runs, and deletes the old one. Devices stay connected if it"
                + " takes less than broker.linger.ms. The worker has to be the one with the buffer.",
        footer = "  sluice connector rename sluice sluice-berlin")
final class Rename implements Runnable {

    @Mixin
    private final WorkerOptions worker = new WorkerOptions();

    @Mixin
    private final WaitOption wait = new WaitOption();

    @Parameters(paramLabel = "OLD", index = "0", description = "the connector's name")
    private String oldName = "";

    @Parameters(paramLabel = "NEW", index = "1", description = "the name that it gets")
    private String newName = "";

    @Override
    public void run() {
        ConnectClient connect = worker.connect();
        Connector old = connect.connector(oldName);
        if (connect.find(newName).isPresent()) {
            throw ToolException.failed("There is a connector " + newName + " already.");
        }
        Map<String, String> config = new TreeMap<>(old.config());
        config.put("buffer.takeover.from", oldName);
        Stopped.handOver(connect, oldName, () -> connect.apply(new Connector(newName, config)));
        try {
            wait.awaitRunning(connect, newName, Create.PATIENCE);
        } catch (ToolException e) {
            // It may have taken over what waits: what was the old one would not find it.
            throw new ToolException(
                    e.exitCode(),
                    e.getMessage() + " The connector " + oldName + " is stopped and not deleted; once " + newName
                            + " runs, delete it.",
                    e);
        }
        connect.delete(oldName);
        worker.say("The connector " + oldName + " is now " + newName + ".");
    }
}
