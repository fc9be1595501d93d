package io.sluice.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The program as somebody uses it: with an environment and a home, one command after the other. */
final class Tool {

    private final Path home;
    private final Map<String, String> environment = new HashMap<>();

    Tool(Path home) {
        this.home = home;
    }

    /** What a command printed, and how it ended. */
    record Ended(int exitCode, String out, String err) {}

    Tool with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Ended run(String... arguments) {
        return runWith("", arguments);
    }

    Ended runWith(String input, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Sluice.run(
                new Surroundings(
                        environment,
                        home,
                        new ByteArrayInputStream(input.getBytes(UTF_8)),
                        new PrintWriter(out, true),
                        new PrintWriter(err, true)),
                arguments);
        return new Ended(exitCode, out.toString(), err.toString());
    }
}
