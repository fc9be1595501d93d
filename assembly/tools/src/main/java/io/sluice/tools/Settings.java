package io.sluice.tools;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What a command knows of its surroundings: a flag, else a variable of the environment, else the context in use, else the
 * default.
 *
 * @param environment the variables
 * @param contextName the context in use, if one is
 * @param context what it says
 */
public record Settings(Map<String, String> environment, Optional<String> contextName, Context context) {

    public static final String CONTEXT_VARIABLE = "SLUICE_CONTEXT";

    /**
     * A value, and where it is from.
     *
     * @param origin such as {@code --worker} or {@code the context production}
     */
    public record Found(String value, String origin) {}

    public Optional<Found> find(Setting setting, Optional<String> flag) {
        return flag.map(value -> new Found(value, "the command line"))
                .or(() -> Optional.ofNullable(environment.get(setting.variable()))
                        .filter(value -> !value.isEmpty())
                        .map(value -> new Found(value, setting.variable())))
                .or(() ->
                        context.value(setting).map(value -> new Found(value, "the context " + contextName.orElse(""))))
                .or(() -> setting.defaultValue().map(value -> new Found(value, "the default")));
    }

    /**
     * The secret that a reference leads to.
     *
     * @param reference {@code env:NAME} or {@code file:PATH}; of either the first line counts
     * @throws ToolException if it leads nowhere
     */
    public String secret(String reference) {
        if (reference.startsWith("env:")) {
            String name = reference.substring("env:".length());
            return Optional.ofNullable(environment.get(name))
                    .map(Settings::firstLine)
                    .orElseThrow(() ->
                            ToolException.usage("The variable " + name + ", where a login should be, is not set."));
        }
        if (reference.startsWith("file:")) {
            Path file = Path.of(reference.substring("file:".length()));
            try {
                return firstLine(Files.readString(file));
            } catch (IOException e) {
                throw ToolException.usage(
                        "The file " + file + ", where a login should be, cannot be read: " + e.getMessage(), e);
            }
        }
        throw ToolException.usage(
                "Do not give the login itself: write env:NAME or file:PATH, so that no process list shows it.");
    }

    /** The settings in a file of properties; if they cannot be read, the sentence says whose they are. */
    public static Map<String, String> read(String file, String whose) {
        try (Reader reader = Files.newBufferedReader(Path.of(file))) {
            return properties(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw ToolException.usage(whose + " in " + file + " cannot be read: " + e, e);
        }
    }

    static Map<String, String> properties(Reader reader) throws IOException {
        Properties properties = new Properties();
        properties.load(reader);
        Map<String, String> settings = new TreeMap<>();
        properties.stringPropertyNames().forEach(key -> settings.put(key, properties.getProperty(key)));
        return settings;
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
