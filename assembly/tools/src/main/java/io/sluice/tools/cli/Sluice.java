package io.sluice.tools.cli;

import io.sluice.tools.ExitCode;
import io.sluice.tools.Payloads;
import io.sluice.tools.ToolException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
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
            "0:Success.",
            "1:Failure.",
            "2:The command line or a file has a mistake.",
            "3:A check found mistakes, or a comparison found differences.",
            "4:A worker, a broker or Kafka does not answer.",
            "5:Timeout."
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
            ConsoleCommand.class,
            StatusCommand.class,
            EventsCommand.class,
            ClientsCommand.class,
            FolderCommand.class,
            Doctor.class,
            Bench.class,
            ContextCommand.class,
            Completion.class,
            MqttCommand.class);

    /** What belongs to a command beside its methods. */
    private static final Map<Class<?>, List<Class<?>>> PARTS = Map.of(
            ConnectorCommand.class, List.of(Apply.class, Create.class, Preset.class, Check.class, Rename.class),
            RoutesCommand.class, List.of(RoutesCommand.Test.class),
            MqttCommand.class, List.of(MqttCommand.ConnectorWords.class, Publish.class, Subscribe.class),
            MqttCommand.ConnectorWords.class, List.of(Create.class));

    /** With more, nanoseconds no longer fit into a number. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** Stands in an argument for each byte that the Java virtual machine could not decode. */
    private static final char UNREADABLE = '\ufffd';

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

    static int run(Surroundings surroundings, String... arguments) {
        List<String> words = List.of(arguments);
        for (String word : words) {
            if (word.indexOf(UNREADABLE) >= 0) {
                surroundings
                        .err()
                        .println("The argument " + Payloads.escaped(word)
                                + " has a character that Java cannot read in this locale; set LC_ALL=C.UTF-8.");
                return ExitCode.USAGE.number();
            }
        }
        boolean whole = words.isEmpty() || words.get(0).equals(WHOLE);
        CommandLine all = commandLine(surroundings, whole ? List.of() : words);
        Optional<String> misplaced = misplaced(all, words);
        if (misplaced.isPresent()) {
            surroundings.err().println(misplaced.get());
            return ExitCode.USAGE.number();
        }
        return all.execute(arguments);
    }

    /** A word that is no command where it stands: picocli would pass over it if help is asked for behind it. */
    private static Optional<String> misplaced(CommandLine all, List<String> words) {
        CommandLine group = all;
        for (String word : words) {
            if (word.startsWith("-") || group.getSubcommands().isEmpty()) {
                return Optional.empty();
            }
            CommandLine next = group.getSubcommands().get(word);
            if (next == null) {
                String name = group.getCommandSpec().qualifiedName();
                List<String> elsewhere = named(all, word);
                if (elsewhere.isEmpty() && !words.contains("--help") && !words.contains("-h")) {
                    return Optional.empty();
                }
                return Optional.of(
                        elsewhere.isEmpty()
                                ? "There is no command " + name + " " + Payloads.escaped(word) + "; see " + name
                                        + " --help."
                                : "There is no command " + name + " " + word + "; there is "
                                        + String.join(" and ", elsewhere) + ".");
            }
            group = next;
        }
        return Optional.empty();
    }

    private static List<String> named(CommandLine group, String word) {
        List<String> names = new ArrayList<>();
        group.getSubcommands().forEach((name, command) -> {
            if (name.equals(word)) {
                names.add(command.getCommandSpec().qualifiedName());
            }
            names.addAll(named(command, word));
        });
        return names;
    }

    static CommandLine commandLine(Surroundings surroundings, List<String> words) {
        CommandLine all = new CommandLine(new Sluice(surroundings));
        if (!words.equals(List.of("--version"))) {
            add(all, COMMANDS, List.of(), words);
        }
        return all.setOut(surroundings.out())
                .setErr(surroundings.err())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Duration.class, Sluice::duration)
                .setParameterExceptionHandler(Sluice::misunderstood)
                .setExecutionExceptionHandler(Sluice::failed);
    }

    /** Half of a start is picocli reading the annotations of commands: it reads those that the words lead to. */
    private static void add(CommandLine group, List<Class<?>> classes, List<Method> methods, List<String> words) {
        String first = words.isEmpty() ? "" : words.get(0);
        boolean known = classes.stream().anyMatch(part -> name(part).equals(first))
                || methods.stream().anyMatch(method -> method.getName().equals(first));
        List<String> rest = known ? words.subList(1, words.size()) : List.of();
        for (Class<?> part : classes) {
            if (!known || name(part).equals(first)) {
                CommandLine command = new CommandLine(part);
                add(command, PARTS.getOrDefault(part, List.of()), CommandLine.getCommandMethods(part, null), rest);
                add(group, name(part), command);
            }
        }
        for (Method method : methods) {
            if (!known || method.getName().equals(first)) {
                add(group, method.getName(), new CommandLine(method));
            }
        }
    }

    /** Gives a command to its group, with what all commands and all groups have in common. */
    private static void add(CommandLine group, String name, CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        long examples = Arrays.stream(spec.usageMessage().footer())
                .filter(line -> line.startsWith("  sluice "))
                .count();
        spec.usageMessage().footerHeading(examples == 1 ? "%nExample:%n" : "%nExamples:%n");
        if (!command.getSubcommands().isEmpty()) {
            spec.mixinStandardHelpOptions(true).versionProvider(new ToolsVersion());
            spec.usageMessage().synopsisSubcommandLabel("COMMAND");
        }
        group.addSubcommand(name, command);
    }

    private static String name(Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }

    Surroundings surroundings() {
        return surroundings;
    }

    private static Duration duration(String text) {
        try {
            Duration time = Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
            if (!time.isNegative() && time.compareTo(LONGEST) <= 0) {
                return time;
            }
        } catch (DateTimeParseException e) {
            // it is said below
        }
        throw new TypeConversionException("'" + text + "' is no time; write 90s, 5m or 1h30m");
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
                .println(Payloads.escapedLines(
                        failure instanceof ToolException known
                                ? known.sentence()
                                : command.getCommandSpec().qualifiedName() + " failed: " + failure));
        if (verbose) {
            failure.printStackTrace(command.getErr());
        }
        command.getErr().flush();
        return failure instanceof ToolException known ? known.exitCode().number() : ExitCode.FAILED.number();
    }
}
