package io.sluice.tools.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import io.sluice.tools.Context;
import io.sluice.tools.Contexts;
import io.sluice.tools.Payloads;
import io.sluice.tools.Secrets;
import io.sluice.tools.Setting;
import io.sluice.tools.Settings;
import io.sluice.tools.ToolException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that all commands have: which context, how data is printed, and whether more is said. */
class Common {

    static final JsonMapper JSON = new JsonMapper();

    /** How data is printed; the names are what {@code -o} takes. */
    enum OutputFormat {
        /** For people: columns, or lines of text. */
        table,
        /** One JSON document, with more than a table shows. */
        json,
        /** The same as YAML. */
        yaml,
        /** Names only, one a line, for the next command. */
        name
    }

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "The context to take addresses from; by default $$SLUICE_CONTEXT, else the one in use.")
    private @Nullable String context;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "How data is printed: ${COMPLETION-CANDIDATES}.")
    private OutputFormat output = OutputFormat.table;

    @Option(
            names = {"-v", "--verbose"},
            description = "Print where each address comes from, and details of what failed.")
    private boolean verbose;

    Surroundings surroundings() {
        return ((Sluice) command.root().userObject()).surroundings();
    }

    CommandSpec command() {
        return command;
    }

    Ansi ansi() {
        return command.commandLine().getColorScheme().ansi();
    }

    Optional<String> setting(Setting setting, @Nullable String flag) {
        Optional<Settings.Found> found = settings().find(setting, Optional.ofNullable(flag));
        found.filter(each -> verbose)
                .ifPresent(each ->
                        say(setting.title() + ": " + shown(setting, each.value()) + " (from " + each.origin() + ")"));
        return found.map(Settings.Found::value);
    }

    private static String shown(Setting setting, String value) {
        return switch (setting) {
            case WORKER_LOGIN, BROKER_LOGIN, STATUS_TOKEN ->
                value.startsWith("env:") || value.startsWith("file:") ? value : Secrets.MASK;
            case WORKER, BROKER, KAFKA, STATUS -> Secrets.addressShown(value);
            case WORKER_CA, KAFKA_CONFIG -> value;
        };
    }

    Settings settings() {
        Surroundings surroundings = surroundings();
        Contexts contexts = Contexts.read(surroundings.contexts());
        Optional<String> name = Optional.ofNullable(context)
                .or(() -> Optional.ofNullable(surroundings.environment().get(Settings.CONTEXT_VARIABLE))
                        .filter(variable -> !variable.isEmpty()))
                .or(contexts::current);
        return new Settings(
                surroundings.environment(), name, name.map(contexts::get).orElse(Context.EMPTY));
    }

    /** @throws ToolException if not all data get to the standard output */
    void print(String data) {
        surroundings().out().print(data);
        if (surroundings().out().checkError()) {
            throw ToolException.failed("The standard output does not take all data that this command prints.");
        }
    }

    /** Prints rows, of which a table shows some fields, the first of them being the name. No rows are no table. */
    void print(JsonNode rows, String... fields) {
        List<String> columns = List.of(fields);
        print(
                rows,
                () -> rows.isEmpty() ? "" : Table.of(rows, columns, ansi()),
                () -> rows.findValuesAsText(columns.get(0)));
    }

    /** Prints data for the next program or, as a table, for people. */
    void print(JsonNode data, Supplier<String> table, Supplier<List<String>> names) {
        try {
            String text = switch (output) {
                case table -> table.get();
                case name ->
                    names.get().stream()
                            .map(name -> Payloads.escaped(name) + "\n")
                            .collect(Collectors.joining());
                case json -> Payloads.json(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(data)) + "\n";
                case yaml -> yaml(data);
            };
            print(text);
        } catch (JsonProcessingException e) {
            throw ToolException.failed("The answer cannot be printed: " + e.getMessage(), e);
        }
    }

    /** One of many that come one after the other: a line, except as YAML, where it is a document. */
    String line(JsonNode data, String table, String name) {
        try {
            return switch (output) {
                case table -> table + "\n";
                case name -> name + "\n";
                case json -> Payloads.json(JSON.writeValueAsString(data)) + "\n";
                case yaml -> "---\n" + yaml(data);
            };
        } catch (JsonProcessingException e) {
            throw ToolException.failed("A message cannot be printed: " + e.getMessage(), e);
        }
    }

    /** What would steer a terminal has the escapes of JSON, which YAML knows in quotes only. */
    private static String yaml(JsonNode data) throws JsonProcessingException {
        YAMLMapper yaml = new YAMLMapper(YAMLFactory.builder()
                        .stringQuotingChecker(new QuotedNames())
                        .build())
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS);
        String text = yaml.writeValueAsString(data);
        return Payloads.json(text).equals(text)
                ? text
                : Payloads.json(
                        yaml.disable(YAMLGenerator.Feature.MINIMIZE_QUOTES).writeValueAsString(data));
    }

    /** Puts names into quotes too if they have what would steer a terminal. */
    private static final class QuotedNames extends StringQuotingChecker.Default {

        private static final long serialVersionUID = 1;

        @Override
        public boolean needToQuoteName(String name) {
            return !Payloads.escaped(name).equals(name) || super.needToQuoteName(name);
        }
    }

    /** Says a sentence to whoever watches. */
    void say(String sentence) {
        surroundings().err().println(Payloads.escapedLines(sentence));
        surroundings().err().flush();
    }
}
