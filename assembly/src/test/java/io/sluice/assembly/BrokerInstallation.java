package io.sluice.assembly;

import io.sluice.testkit.FreePort;
import io.sluice.testkit.TemporaryFolder;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The archive of the broker, unpacked into a folder whose path has spaces, and the processes started from it. */
final class BrokerInstallation implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final TemporaryFolder folder = TemporaryFolder.create("sluice broker ");
    private final List<Process> processes = new ArrayList<>();
    private final String jvmOptions;
    private int logs;

    /** How a command ended, and all that it printed. */
    record Ended(int exitCode, String output) {}

    /** A process and what it prints. */
    record Running(Process process, Path log) {

        String output() throws IOException {
            return Files.readString(log, StandardCharsets.UTF_8);
        }

        Ended end() throws IOException, InterruptedException {
            if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("It does not end:\n" + output());
            }
            return new Ended(process.exitValue(), output());
        }
    }

    BrokerInstallation() throws IOException, InterruptedException {
        this("");
    }

    /** @param jvmOptions for its processes, beside the usual ones */
    BrokerInstallation(String jvmOptions) throws IOException, InterruptedException {
        this.jvmOptions = "-Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC " + jvmOptions;
        run(
                        List.of(
                                "tar",
                                "xzf",
                                Archives.BROKER_TAR_GZ.toString(),
                                "-C",
                                folder.path().toString()),
                        folder.path())
                .end();
    }

    Path home() {
        return folder.path().resolve(Archives.BROKER_ROOT);
    }

    Path folder() {
        return folder.path();
    }

    Path bufferDir() {
        return home().resolve("data");
    }

    /** Adds lines to the configuration that is in the archive, and returns the port of its TCP listener. */
    int configure(String... lines) throws IOException {
        int port = FreePort.next();
        Path file = home().resolve("config/sluice-broker.conf");
        List<String> all = new ArrayList<>(Files.readAllLines(file));
        all.removeIf(line -> line.startsWith("port "));
        all.add("port " + port);
        all.addAll(List.of(lines));
        Files.write(file, all);
        return port;
    }

    /** Runs a command of the broker to its end. */
    Ended run(String... arguments) throws IOException, InterruptedException {
        return start(home().resolve("bin/sluice-broker"), folder(), arguments).end();
    }

    /** Starts the broker and waits until it says that it is ready. */
    Running startBroker() throws IOException {
        return awaitReady(start(home().resolve("bin/sluice-broker"), folder()));
    }

    Running awaitReady(Running broker) {
        Awaitility.await().atMost(TIMEOUT).until(() -> {
            if (!broker.process().isAlive()) {
                throw new IllegalStateException("It has ended:\n" + broker.output());
            }
            return broker.output().contains("Ready: ");
        });
        return broker;
    }

    /** Starts a script without waiting for anything. */
    Running start(Path script, Path workingDir, String... arguments) throws IOException {
        return run(
                Stream.concat(Stream.of(script.toString()), Stream.of(arguments))
                        .toList(),
                workingDir);
    }

    /** Starts any program. */
    Running run(List<String> command, Path workingDir) throws IOException {
        Path log = folder.path().resolve("log-" + ++logs);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(workingDir.toFile())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(log.toFile()));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SLUICE_OPTS", jvmOptions);
        Process process = builder.start();
        processes.add(process);
        return new Running(process, log);
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes) {
            process.destroyForcibly().onExit().join();
        }
        folder.close();
    }
}
