package io.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/**
 * A running Java program that this process started, and ends when it ends itself.
 *
 * <p>Whatever is still running when this process exits is stopped then, last started first.
 */
public final class JvmProcess implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(15);
    private static final int TAIL_LINES = 40;
    private static final int ENDED_BY_SIGTERM = 128 + 15;
    private static final ConcurrentLinkedDeque<JvmProcess> RUNNING = new ConcurrentLinkedDeque<>();

    private static volatile boolean ending;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(JvmProcess::closeAll, "end-child-processes"));
    }

    private final JvmProgram program;
    private final Process process;

    private JvmProcess(JvmProgram program, Process process) {
        this.program = program;
        this.process = process;
    }

    /**
     * Starts the program.
     *
     * @throws UncheckedIOException if the operating system cannot
     */
    public static JvmProcess start(JvmProgram program) {
        try {
            Files.createDirectories(program.log().toAbsolutePath().getParent());
            ProcessBuilder builder = new ProcessBuilder(program.command())
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(program.log().toFile()));
            builder.environment().putAll(program.jvm().environment());
            Process process = builder.start();
            JvmProcess started = new JvmProcess(program, process);
            RUNNING.addFirst(started);
            if (ending) {
                started.kill();
                throw new IllegalStateException(program.name() + " was not started: this process is ending");
            }
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + program.name(), e);
        }
    }

    /**
     * Waits until the program has ended by itself.
     *
     * @throws IllegalStateException with the end of its log, if it failed or did not end in time
     */
    void awaitSuccess(Duration timeout) {
        await("end", timeout, () -> !process.isAlive(), () -> !process.isAlive() && process.exitValue() != 0);
        RUNNING.remove(this);
    }

    /**
     * Waits until the program is ready.
     *
     * @param ready true if it is; an exception counts as not yet
     * @throws IllegalStateException with the end of its log, if it died or was not ready in time
     */
    public void awaitReady(Duration timeout, Callable<Boolean> ready) {
        await("become ready", timeout, ready, () -> !process.isAlive());
    }

    private void await(String what, Duration timeout, Callable<Boolean> condition, Callable<Boolean> failed) {
        try {
            Awaitility.await()
                    .pollInSameThread()
                    .pollInterval(Duration.ofMillis(50))
                    .atMost(timeout)
                    .ignoreExceptions()
                    .failFast("died", failed)
                    .until(condition);
        } catch (TerminalFailureException e) {
            throw new IllegalStateException(
                    program.name() + " ended with exit code " + process.exitValue() + ". The end of its log:\n"
                            + tail(),
                    e);
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException(
                    program.name() + " did not " + what + " within " + timeout.toSeconds()
                            + " seconds. The end of its log:\n" + tail(),
                    e);
        }
    }

    /** Whether it has ended by itself or when it was asked to (SIGTERM), and was neither killed nor has it failed. */
    boolean hasEndedInOrder() {
        return !process.isAlive() && (process.exitValue() == 0 || process.exitValue() == ENDED_BY_SIGTERM);
    }

    public long pid() {
        return process.pid();
    }

    /** The processor time that the process has used so far; zero where the operating system does not tell. */
    public Duration cpuTime() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /**
     * The bytes of its objects that are in use, counted by the JDK's {@code jcmd} after a full collection.
     *
     * @throws IllegalStateException if it cannot be asked
     */
    public long liveHeapBytes() {
        return JvmSizes.heapBytes(pid());
    }

    /** Ends the process as a power cut would: no handler of its own runs (SIGKILL). Returns when it is gone. */
    void kill() {
        process.destroyForcibly();
        waitFor(GRACE);
        RUNNING.remove(this);
    }

    /** Asks the process to end (SIGTERM), waits, and kills it if it does not. Idempotent. */
    @Override
    public void close() {
        process.destroy();
        if (!waitFor(GRACE)) {
            process.destroyForcibly();
            waitFor(GRACE);
        }
        RUNNING.remove(this);
    }

    private boolean waitFor(Duration timeout) {
        try {
            return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void closeAll() {
        ending = true;
        RUNNING.forEach(JvmProcess::close);
    }

    /** The last lines that the program printed. */
    String tail() {
        try {
            List<String> lines = Files.readString(program.log(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }
}
