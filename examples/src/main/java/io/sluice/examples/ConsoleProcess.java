package io.sluice.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The console of a pipeline, a separate process. */
final class ConsoleProcess implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Process process;
    private final String address;

    private ConsoleProcess(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts it, and waits until it listens.
     *
     * @param sluice the command line's program
     * @param contexts a file of contexts, which need not be there: those of its user are about other workers
     * @throws UncheckedIOException if it cannot be started
     * @throws IllegalStateException if it ended at once
     */
    static ConsoleProcess start(Path sluice, Path contexts, Pipeline pipeline) {
        try {
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            sluice.toString(),
                            "console",
                            "--port",
                            "0",
                            "--worker",
                            pipeline.workerUrl(),
                            "--kafka",
                            pipeline.bootstrapServers(),
                            "--broker",
                            "mqtt://127.0.0.1:" + pipeline.mqttPort(),
                            "--status",
                            pipeline.statusUrl()))
                    .redirectErrorStream(true);
            builder.environment().put("SLUICE_CONTEXTS", contexts.toString());
            Process process = builder.start();
            // What it says after its address it says to nobody.
            BufferedReader said =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String first = Optional.ofNullable(said.readLine()).orElse("it said nothing");
            if (!first.startsWith("http")) {
                process.destroy();
                throw new IllegalStateException("The console did not start: " + first);
            }
            return new ConsoleProcess(process, first);
        } catch (IOException e) {
            throw new UncheckedIOException("The console cannot be started", e);
        }
    }

    /** Where it is; the address lets in whoever opens it first. */
    String address() {
        return address;
    }

    @Override
    public void close() {
        process.destroy();
        Process ended = process.onExit()
                .completeOnTimeout(process, GRACE.toSeconds(), TimeUnit.SECONDS)
                .join();
        ended.destroyForcibly();
    }
}
