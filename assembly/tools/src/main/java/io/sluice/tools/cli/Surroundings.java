package io.sluice.tools.cli;

import io.sluice.tools.ToolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What the process that runs a command gives it.
 *
 * @param home the folder of its user
 * @param out its standard output, for data
 * @param err its standard error, for sentences
 */
record Surroundings(Map<String, String> environment, Path home, InputStream in, PrintWriter out, PrintWriter err) {

    static Surroundings ofThisProcess() {
        return new Surroundings(
                System.getenv(),
                home(System.getenv(), System.getProperty("user.home", ".")),
                System.in,
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, Charset.defaultCharset()));
    }

    /** The shell's home comes first: Java takes its own from the list of users. */
    static Path home(Map<String, String> environment, String otherwise) {
        String home = environment.getOrDefault("HOME", "");
        return Path.of(home.isEmpty() ? otherwise : home);
    }

    /** A line that somebody types, or nothing if nobody is there. */
    Optional<String> readLine() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            int read = in.read();
            if (read < 0) {
                return Optional.empty();
            }
            for (; read >= 0 && read != '\n'; read = in.read()) {
                line.write(read);
            }
            return Optional.of(line.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    boolean agrees(String question) {
        err.print(question + " [y/N] ");
        err.flush();
        return readLine()
                .orElseThrow(() ->
                        ToolException.usage("Nobody is there to be asked; say --yes to do it without a question."))
                .strip()
                .equalsIgnoreCase("y");
    }

    /** The file of contexts: {@code SLUICE_CONTEXTS}, else in the folder that XDG keeps configurations in. */
    Path contexts() {
        String file = environment.getOrDefault("SLUICE_CONTEXTS", "");
        if (!file.isEmpty()) {
            return Path.of(file);
        }
        String configurations = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path folder = configurations.isEmpty() ? home.resolve(".config") : Path.of(configurations);
        return folder.resolve("sluice").resolve("contexts.json");
    }
}
