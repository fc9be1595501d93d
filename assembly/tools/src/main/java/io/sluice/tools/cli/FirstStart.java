package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs what people begin with, where nobody answers and nobody sees it, so that the Java virtual machine knows the classes
 * that it then keeps in an archive for the next starts.
 */
final class FirstStart {

    private static final String NOBODY = "127.0.0.1:9";
    private static final String CONNECTOR = "{\"name\": \"a\", \"config\": {\"tasks.max\": \"1\"}}";

    private FirstStart() {}

    /** Takes no arguments, and always succeeds. */
    public static void main(String[] arguments) {
        run("--help");
        run("connector", "apply", "-f", "-", "--worker", "http://" + NOBODY);
        run("connector", "list", "-o", "yaml", "--worker", "http://" + NOBODY);
        run("publish", "-t", "a", "-q", "1", "-m", "a", "--broker", "mqtt://" + NOBODY);
        run("context", "list", "-o", "json");
        System.exit(0);
    }

    private static void run(String... arguments) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        Sluice.run(
                new Surroundings(
                        Map.of("SLUICE_CONTEXTS", "no-contexts"),
                        Path.of("."),
                        new ByteArrayInputStream(CONNECTOR.getBytes(UTF_8)),
                        nowhere,
                        nowhere),
                arguments);
    }
}
