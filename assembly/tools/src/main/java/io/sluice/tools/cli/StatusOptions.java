package io.sluice.tools.cli;

import io.sluice.tools.ExitCode;
import io.sluice.tools.Setting;
import io.sluice.tools.StatusClient;
import io.sluice.tools.ToolException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that ask status listeners. */
final class StatusOptions extends Common {

    @Option(
            names = "--status",
            paramLabel = "URL,…",
            description = "Status listeners of workers and standalone brokers; by default $$SLUICE_STATUS, else the"
                    + " context's, else http://localhost:9404.")
    private @Nullable String status;

    @Option(
            names = "--status-token",
            paramLabel = "REFERENCE",
            description = "Where their token is: env:NAME or file:PATH; by default $$SLUICE_STATUS_TOKEN, else the"
                    + " context's.")
    private @Nullable String token;

    List<StatusClient> listeners() {
        String addresses = setting(Setting.STATUS, status).orElseThrow();
        Optional<String> shown = setting(Setting.STATUS_TOKEN, token).map(settings()::secret);
        return StatusClient.addresses(addresses).stream()
                .map(address -> new StatusClient(address, shown))
                .toList();
    }

    /**
     * Asks listeners one after the other. One of several that does not answer is said, and costs the others nothing.
     *
     * @param again whether they are asked again and again, so that the only one may be silent too
     * @return how a command ends that has asked all of them
     * @throws ToolException if the only one does not answer
     */
    int ask(List<StatusClient> listeners, boolean again, Consumer<StatusClient> question) {
        int exitCode = ExitCode.OK.number();
        for (StatusClient listener : listeners) {
            try {
                question.accept(listener);
            } catch (ToolException e) {
                if (listeners.size() == 1 && !again) {
                    throw e;
                }
                say(e.sentence());
                exitCode = ExitCode.UNREACHABLE.number();
            }
        }
        return exitCode;
    }
}
