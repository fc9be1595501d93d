package io.sluice.tools.cli;

import io.sluice.tools.ExitCode;
import io.sluice.tools.ToolException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** The program {@code sluice}. */
@Command(
        name = "sluice",
        mixinStandardHelpOptions = true,
        versionProvider = ToolsVersion.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Connectors, messages and buffers of Sluice, from the command line.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:All is well.",
            "1:It failed.",
            "2:The command line or a file was not understood.",
            "3:A check found mistakes, or a comparison differences.",
            "4:A worker, a broker or Kafka does not answer.",
            "5:What was waited for did not happen in time."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice connector apply -f first.json --wait",
            "  sluice connector list",
            "  sluice context set production --worker https://connect.example.com"
        })
public final class Sluice {

    private static final List<Class<?>> COMMANDS = List.of(
            ConnectorCommand.class,
            OffsetsCommand.class,
            RoutesCommand.class,
            Publish.class,
            Subscribe.class,
            Tail.class,
            FolderCommand.class,
            Doctor.class,
            Bench.class,
            ContextCommand.class,
            Completion.class,
            MqttCommand.class);

    /** The command that is about all others. */
    private static final String WHOLE = "completion";

    private final Surroundings surroundings;

    private Sluice(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** Runs a command, and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(Surroundings.ofThisProcess(), arguments));
    }

    /** Runs a command. */
    static int run(Surroundings surroundings, String... arguments) {
        return commandLine(surroundings, wanted(arguments)).execute(arguments);
    }

    /** Half of a start is picocli reading the annotations of commands: it reads those of the wanted one. */
    private static List<Class<?>> wanted(String... arguments) {
        String first = arguments.length == 0 ? "" : arguments[0];
        if (first.equals("--version")) {
            return List.of();
        }
        List<Class<?>> wanted =
                COMMANDS.stream().filter(command -> name(command).equals(first)).toList();
        return wanted.isEmpty() || first.equals(WHOLE) ? COMMANDS : wanted;
    }

    /** All commands. */
    static CommandLine commandLine(Surroundings surroundings) {
        return commandLine(surroundings, COMMANDS);
    }

    private static String name(Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }

    private static CommandLine commandLine(Surroundings surroundings, List<Class<?>> commands) {
        CommandLine all = new CommandLine(new Sluice(surroundings));
        commands.forEach(command -> all.addSubcommand(command));
        return all.setOut(surroundings.out())
                .setErr(surroundings.err())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Duration.class, Sluice::duration)
                .setParameterExceptionHandler(Sluice::misunderstood)
                .setExecutionExceptionHandler(Sluice::failed);
    }

    Surroundings surroundings() {
        return surroundings;
    }

    private static Duration duration(String text) {
        try {
            return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
        } catch (DateTimeParseException e) {
            throw new TypeConversionException("'" + text + "' is no time; write 90s, 5m or 1h30m");
        }
    }

    private static int misunderstood(ParameterException failure, String... arguments) {
        CommandLine command = failure.getCommandLine();
        command.getErr().println(failure.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(failure, command.getErr());
        command.getErr().println("See " + command.getCommandSpec().qualifiedName() + " --help.");
        return ExitCode.USAGE.number();
    }

    private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        boolean verbose = parsed.asCommandLineList().stream()
                .anyMatch(each -> each.getParseResult().hasMatchedOption("--verbose"));
        command.getErr()
                .println(
                        failure instanceof ToolException
                                ? failure.getMessage()
                                : command.getCommandSpec().qualifiedName() + " failed: " + failure);
        if (verbose) {
            failure.printStackTrace(command.getErr());
        }
        command.getErr().flush();
        return failure instanceof ToolException known ? known.exitCode().number() : ExitCode.FAILED.number();
    }
}
