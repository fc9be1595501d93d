package io.sluice.broker.server;

import io.sluice.buffer.Inspection;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command that looks at a buffer's folder while no broker uses it, {@code sluice-broker buffer
 * describe|check|forget FOLDER …}; also at that of a broker that runs in a Connect worker.
 *
 * <p>Exit codes: 0, all is well; 1, the folder cannot be used, or something is damaged; 2, the command was not
 * understood.
 */
@Command(
        name = "sluice-buffer",
        mixinStandardHelpOptions = true,
        description = "Looks at a buffer's folder (buffer.dir) while no broker uses it.",
        synopsisSubcommandLabel = "COMMAND")
public final class BufferCommand {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public BufferCommand() {}

    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return new CommandLine(new BufferCommand())
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println(failure.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(arguments);
    }

    @Command(description = "Shows segments, positions and consumers, without reading the messages.")
    int describe(@Parameters(paramLabel = "FOLDER", description = "the buffer's folder") Path folder)
            throws IOException {
        try (Inspection inspection = Inspection.open(folder, out())) {
            return inspection.describe() ? 0 : 1;
        }
    }

    @Command(description = "Reads everything: counts messages by lane, and shows what is damaged. Changes nothing.")
    int check(@Parameters(paramLabel = "FOLDER", description = "the buffer's folder") Path folder) throws IOException {
        try (Inspection inspection = Inspection.open(folder, out())) {
            return inspection.check() ? 0 : 1;
        }
    }

    @Command(description = "Forgets a consumer: the buffer keeps nothing for it any more.")
    int forget(
            @Parameters(paramLabel = "FOLDER", description = "the buffer's folder") Path folder,
            @Parameters(paramLabel = "CONSUMER", description = "the connector's name") String consumer)
            throws IOException {
        try (Inspection inspection = Inspection.open(folder, out())) {
            return inspection.forget(consumer) ? 0 : 1;
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
