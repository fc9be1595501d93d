package io.sluice.tools;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.function.Function;

/**
 * A connector that is stopped for as long as it is worked on, and then does again what it did.
 *
 * @param state what it did before, such as {@code RUNNING}
 */
public record Stopped(ConnectClient connect, String name, String state) {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String STOPPED = "STOPPED";
    private static final String PAUSED = "PAUSED";

    /**
     * Stops a connector, works on it, and lets it do again what it did: also if the work fails, and if this program is told
     * to end meanwhile.
     *
     * @param work takes whether the connector runs again then; it does not if it was stopped or paused
     */
    public static <T> T during(ConnectClient connect, String name, Function<Boolean, T> work) {
        return stopped(connect, name, before -> {
            T result = work.apply(!before.state.equals(STOPPED) && !before.state.equals(PAUSED));
            before.resume();
            return result;
        });
    }

    /**
     * Stops a connector, and lets another one take over from it. It goes on if that fails, and if this program is told to end
     * before.
     */
    public static void handOver(ConnectClient connect, String name, Runnable other) {
        stopped(connect, name, before -> {
            other.run();
            return name;
        });
    }

    private static <T> T stopped(ConnectClient connect, String name, Function<Stopped, T> work) {
        Stopped before = new Stopped(
                connect, name, connect.status(name).at("/connector/state").asText());
        Thread end = new Thread(before::resumeIfPossible, "sluice-resume");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            before.awaitStop();
            try {
                return work.apply(before);
            } catch (ToolException e) {
                throw before.resumed(e);
            }
        } finally {
            forget(end);
        }
    }

    private void resumeIfPossible() {
        try {
            resume();
        } catch (ToolException e) {
            System.err.println(e.sentence() + isStopped());
        }
    }

    private static void forget(Thread end) {
        try {
            Runtime.getRuntime().removeShutdownHook(end);
        } catch (IllegalStateException e) {
            // The program is ending, and the thread runs.
        }
    }

    private void awaitStop() {
        connect.stop(name);
        try {
            Patience.await(
                    PATIENCE,
                    () -> isStopped(connect.status(name)),
                    "The connector " + name + " has not stopped after " + PATIENCE.toSeconds()
                            + " s, and will once it can; " + resumeLetsItGoOn());
        } catch (ToolException e) {
            if (e.exitCode() == ExitCode.TIMED_OUT) {
                throw e;
            }
            throw new ToolException(e.exitCode(), e.sentence() + isStopped(), e);
        }
    }

    private String isStopped() {
        return " The connector " + name + " is stopped; " + resumeLetsItGoOn();
    }

    private String resumeLetsItGoOn() {
        return "`sluice connector resume " + Shell.quoted(name) + "` lets it go on.";
    }

    private static boolean isStopped(JsonNode status) {
        return status.at("/connector/state").asText().equals(STOPPED)
                && status.path("tasks").isEmpty();
    }

    /** Lets it do again what it did after work on it failed; returns the failure, which says so if it cannot. */
    private ToolException resumed(ToolException failure) {
        try {
            resume();
            return failure;
        } catch (ToolException e) {
            failure.addSuppressed(e);
            return new ToolException(failure.exitCode(), failure.sentence() + isStopped(), failure);
        }
    }

    private void resume() {
        switch (state) {
            case STOPPED -> {}
            case PAUSED -> connect.pause(name);
            default -> connect.resume(name);
        }
    }
}
