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
        return watched().runWith(input, arguments);
    }

    /** One command, of which one can see what it prints while it runs. */
    Watched watched() {
        return new Watched();
    }

    /** A command that may run for a while. */
    final class Watched {

        private final StringWriter out = new StringWriter();
        private final StringWriter err = new StringWriter();

        Ended run(String... arguments) {
            return runWith("", arguments);
        }

        private Ended runWith(String input, String... arguments) {
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

        String out() {
            return out.toString();
        }

        String err() {
            return err.toString();
        }
    }
}
