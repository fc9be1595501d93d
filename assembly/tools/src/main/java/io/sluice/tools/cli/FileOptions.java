package io.sluice.tools.cli;

import io.sluice.tools.Connector;
import io.sluice.tools.ConnectorFile;
import io.sluice.tools.ToolException;
import io.sluice.tools.Variables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** The options of commands that read connectors from files. */
final class FileOptions {

    private static final String STDIN = "-";

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            arity = "1..*",
            required = true,
            description = "Files with connectors, as JSON, YAML (.yaml, .yml) or properties (.properties); - reads JSON"
                    + " from the standard input. %%{NAME} in them is replaced, $${…} and {…} are not.")
    private List<String> files = List.of();

    @Option(names = "--var", paramLabel = "NAME=VALUE", description = "A value for %%{NAME} in the files.")
    private Map<String, String> variables = new TreeMap<>();

    @Option(names = "--env", description = "Take values for %%{NAME} from the environment, too.")
    private boolean env;

    List<Connector> connectors(Surroundings surroundings) {
        Variables values = new Variables(variables, env ? surroundings.environment() : Map.of());
        Map<String, Connector> byName = new LinkedHashMap<>();
        files.stream()
                .flatMap(file -> read(file, surroundings).connectors(values).stream())
                .forEach(connector -> {
                    if (byName.putIfAbsent(connector.name(), connector) != null) {
                        throw ToolException.usage("The files have two connectors of the name " + connector.name()
                                + ": take one out, or give it another name.");
                    }
                });
        return List.copyOf(byName.values());
    }

    private static ConnectorFile read(String file, Surroundings surroundings) {
        try {
            return file.equals(STDIN)
                    ? new ConnectorFile(
                            "The standard input", new String(surroundings.in().readAllBytes(), StandardCharsets.UTF_8))
                    : new ConnectorFile(file, Files.readString(Path.of(file)));
        } catch (NoSuchFileException e) {
            throw ToolException.usage("There is no file " + file + ".", e);
        } catch (IOException e) {
            throw ToolException.usage(file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
