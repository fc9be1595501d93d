package io.sluice.buffer;

import io.sluice.buffer.log.BufferException;
import io.sluice.file.Folder;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command that looks at a buffer's folder while no broker uses it:
 * {@code java -cp 'lib/*' io.sluice.buffer.BufferTool describe|check|forget FOLDER …}.
 *
 * <p>Exit codes: 0, all is well; 1, the folder cannot be used, or something is damaged; 2, the command was not
 * understood.
 */
@Command(
        name = "sluice-buffer",
        mixinStandardHelpOptions = true,
        description = "Looks at a buffer's folder (buffer.dir) while no broker uses it.",
        synopsisSubcommandLabel = "COMMAND")
public final class BufferTool {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    public BufferTool() {}

    /** Runs a command, and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(writer(System.out), writer(System.err), arguments));
    }

    private static PrintWriter writer(PrintStream terminal) {
        return new PrintWriter(terminal, true, Charset.defaultCharset());
    }

    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return new CommandLine(new BufferTool())
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
        try (Folder files = open(folder)) {
            return new Inspection(files, out()).describe();
        }
    }

    @Command(description = "Reads everything: counts messages by lane, and shows what is damaged. Changes nothing.")
    int check(@Parameters(paramLabel = "FOLDER", description = "the buffer's folder") Path folder) throws IOException {
        try (Folder files = open(folder)) {
            return new Inspection(files, out()).check();
        }
    }

    @Command(description = "Forgets a consumer: the buffer keeps nothing for it any more.")
    int forget(
            @Parameters(paramLabel = "FOLDER", description = "the buffer's folder") Path folder,
            @Parameters(paramLabel = "CONSUMER", description = "the connector's name") String consumer)
            throws IOException {
        try (Folder files = open(folder)) {
            return new Inspection(files, out()).forget(consumer);
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static Folder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new BufferException(folder + " is not a folder");
        }
        return BufferFolder.open(folder);
    }
}
