package io.sluice.tools;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/**
 * A connector that is stopped for as long as it is worked on, and then does again what it did.
 *
 * @param connect the worker
 * @param name the connector
 * @param state what it did before, such as {@code RUNNING}
 */
public record Stopped(ConnectClient connect, String name, String state) {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Stops a connector, and returns when its tasks have ended. */
    public static Stopped stop(ConnectClient connect, String name) {
        String state = connect.status(name).at("/connector/state").asText();
        connect.stop(name);
        Patience.await(
                PATIENCE,
                () -> isStopped(connect.status(name)),
                "The connector " + name + " has not stopped after " + PATIENCE.toSeconds()
                        + " s, and will once it can; `sluice connector resume " + name + "` lets it go on.");
        return new Stopped(connect, name, state);
    }

    private static boolean isStopped(JsonNode status) {
        return status.at("/connector/state").asText().equals("STOPPED")
                && status.path("tasks").isEmpty();
    }

    /** Lets it do again what it did after work on it failed; returns the failure, which says so if it cannot. */
    public ToolException resumed(ToolException failure) {
        try {
            resume();
            return failure;
        } catch (ToolException e) {
            failure.addSuppressed(e);
            return new ToolException(
                    failure.exitCode(),
                    failure.sentence() + " The connector " + name + " is stopped; `sluice connector resume " + name
                            + "` lets it go on.",
                    failure);
        }
    }

    /** Lets it do again what it did; returns whether it runs again. */
    public boolean resume() {
        switch (state) {
            case "STOPPED" -> {
                return false;
            }
            case "PAUSED" -> {
                connect.pause(name);
                return false;
            }
            default -> {
                connect.resume(name);
                return true;
            }
        }
    }
}
