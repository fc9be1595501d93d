package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** One of the command line tools that come with Mosquitto, which has been started against a broker. */
record MosquittoTool(Process process) implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;

    /** Skips a test where one of them is missing. */
    static void assumeInstalled(String... tools) {
        for (String tool : tools) {
            Assumptions.assumeTrue(
                    Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                            .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool))),
                    tool + " is not installed: apt-get install mosquitto-clients");
        }
    }

    static MosquittoTool start(int port, String name, String... arguments) throws IOException {
        return new MosquittoTool(builder(port, name, arguments).start());
    }

    private static ProcessBuilder builder(int port, String name, String... arguments) {
        List<String> command = new ArrayList<>(List.of(name, "-h", "127.0.0.1", "-p", Integer.toString(port)));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    /** Runs one that must succeed, and returns its output. */
    static String run(int port, String name, String... arguments) throws IOException, InterruptedException {
        return success(builder(port, name, arguments));
    }

    /** Runs one that must succeed with a file as its input, and returns its output. */
    static String run(int port, Path input, String name, String... arguments) throws IOException, InterruptedException {
        return success(builder(port, name, arguments).redirectInput(input.toFile()));
    }

    private static String success(ProcessBuilder builder) throws IOException, InterruptedException {
        try (MosquittoTool tool = new MosquittoTool(builder.start())) {
            String output = tool.output();
            assertThat(tool.exitCode()).as(output).isZero();
            return output;
        }
    }

    /** Runs one that must fail, and returns its output. */
    static String fail(int port, String name, String... arguments) throws IOException, InterruptedException {
        try (MosquittoTool tool = start(port, name, arguments)) {
            String output = tool.output();
            assertThat(tool.exitCode()).as(output).isNotZero();
            return output;
        }
    }

    /** All that it writes until it ends; one that does not end is killed. */
    String output() throws IOException {
        CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
        return new String(process.getInputStream().readAllBytes(), UTF_8);
    }

    /** Waits for its end. */
    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
