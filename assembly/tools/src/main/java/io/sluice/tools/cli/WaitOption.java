package io.sluice.tools.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.tools.ConnectClient;
import io.sluice.tools.ExitCode;
import io.sluice.tools.Patience;
import io.sluice.tools.States;
import io.sluice.tools.ToolException;
import io.sluice.tools.WorkerRefusal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Waits until a connector runs. */
final class WaitOption {

    /** Until a worker has heard of a change it tells of the state before it. */
    private static final Duration OLD_STATE = Duration.ofSeconds(3);

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            arity = "0..1",
            fallbackValue = "60s",
            description = "Wait until the connector and all its tasks run, at most so long (90s, 2m); 60s if no time is"
                    + " given.")
    private @Nullable Duration time;

    /**
     * Waits, if that is wanted.
     *
     * @throws ToolException if it, or a task of it, fails, or time runs out
     */
    void awaitRunning(ConnectClient connect, String name) {
        awaitRunning(connect, name, Duration.ZERO);
    }

    /** Waits as long as is wanted, or, if nothing is said, for another time. */
    void awaitRunning(ConnectClient connect, String name, Duration byDefault) {
        Duration patience = time == null ? byDefault : time;
        if (patience.isZero()) {
            return;
        }
        Instant end = Instant.now().plus(patience);
        Instant failingSince = Instant.MAX;
        Instant runningSince = Instant.MAX;
        while (true) {
            Optional<JsonNode> status = status(connect, name);
            Optional<String> failure = status.flatMap(States::failure);
            Instant now = Instant.now();
            boolean running = status.map(States::areRunning).orElse(false);
            runningSince = !running ? Instant.MAX : runningSince.equals(Instant.MAX) ? now : runningSince;
            if (running && !now.isBefore(runningSince.plus(OLD_STATE))) {
                return;
            }
            failingSince = failure.isEmpty() ? Instant.MAX : failingSince.equals(Instant.MAX) ? now : failingSince;
            if (failure.isPresent() && !now.isBefore(failingSince.plus(OLD_STATE))) {
                throw ToolException.failed("The connector " + name + " does not run: " + failure.get());
            }
            if (!running && now.isAfter(end)) {
                throw new ToolException(
                        ExitCode.TIMED_OUT,
                        "The connector " + name + " does not run after " + patience.toSeconds() + " s; its state is "
                                + status.map(States::summary).orElse("not known yet") + ".");
            }
            Patience.pause();
        }
    }

    private static Optional<JsonNode> status(ConnectClient connect, String name) {
        try {
            return Optional.of(connect.status(name));
        } catch (WorkerRefusal e) {
            return Optional.empty();
        }
    }
}
