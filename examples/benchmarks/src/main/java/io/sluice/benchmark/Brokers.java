package io.sluice.benchmark;

import io.sluice.testkit.Jvm;
import io.sluice.testkit.JvmProcess;
import io.sluice.testkit.JvmProgram;
import io.sluice.testkit.ProcessLogging;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** Brokers in separate processes, with the jars that the connector's archive brings. Not thread-safe. */
final class Brokers implements AutoCloseable {

    /** Moquette's own default: how many commands the queue of a session loop holds. */
    static final int SESSION_QUEUE = 1_024;

    /** One in which a flood of publishes leaves room for what its subscriber acknowledges. */
    static final int LARGE_SESSION_QUEUE = 65_536;

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Deque<JvmProcess> running = new ArrayDeque<>();
    private final Stage.Installation installed;
    private final Path folder;
    private final Path brought;
    private final Path moquetteJars;
    private final Path sluiceJars;

    /**
     * None yet.
     *
     * @param plugins where the connector's archive is unpacked
     * @param folder for what brokers write
     */
    Brokers(Stage.Installation installed, Path plugins, Path folder) throws IOException {
        this.installed = installed;
        this.folder = folder;
        try (Stream<Path> below = Files.walk(plugins)) {
            this.brought =
                    below.filter(path -> path.endsWith("lib")).findFirst().orElseThrow();
        }
        this.moquetteJars = Files.createDirectories(folder.resolve("moquette"));
        for (String prefix : List.of("moquette", "netty", "h2", "commons-codec", "metrics", "jctools")) {
            link(brought, moquetteJars, prefix);
        }
        for (String prefix : List.of("kafka-clients", "slf4j", "log4j", "lz4", "snappy", "zstd", "jackson")) {
            link(installed.kafkaLibraries(), moquetteJars, prefix);
        }
        // What the archive of the standalone broker brings besides.
        this.sluiceJars = Files.createDirectories(folder.resolve("sluice-standalone"));
        for (String prefix : List.of("slf4j", "log4j", "zstd")) {
            link(installed.kafkaLibraries(), sluiceJars, prefix);
        }
        link(installed.libraries(), sluiceJars, "picocli");
    }

    /** Copies the jars of a folder, whose names begin so, into another. */
    static void link(Path from, Path to, String prefix) throws IOException {
        try (Stream<Path> jars = Files.list(from)) {
            for (Path jar : jars.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .toList()) {
                Path target = to.resolve(jar.getFileName().toString());
                if (!Files.exists(target)) {
                    Files.copy(jar, target);
                }
            }
        }
    }

    /**
     * Moquette as it is, or with an interceptor.
     *
     * @param sessionQueue how many commands the queue of a session loop holds; others are dropped
     * @param interceptor Kafka's address and a topic; empty: none
     */
    JvmProcess moquette(int port, int sessionQueue, List<String> interceptor) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(port), Integer.toString(sessionQueue)));
        arguments.addAll(interceptor);
        Path home = Files.createDirectories(folder.resolve("moquette-" + port));
        return start(
                new JvmProgram(
                        "Moquette",
                        List.of(installed.classes(), moquetteJars.resolve("*")),
                        MoquetteProgram.class.getName(),
                        ProcessLogging.of(home, Jvm.underLoad(Stage.HEAP_MB)),
                        arguments,
                        home.resolve("moquette.log")),
                port);
    }

    /** Sluice's broker, whose buffer is served. */
    JvmProcess sluice(int port, int drainPort) throws IOException {
        Path home = Files.createDirectories(folder.resolve("sluice-broker-" + port));
        Path config = Files.writeString(
                home.resolve("sluice-broker.conf"),
                String.join(
                        "\n",
                        "host 127.0.0.1",
                        "port " + port,
                        "allow_anonymous true",
                        "sluice.buffer.dir " + home.resolve("buffer"),
                        "sluice.drain.listener tcp://127.0.0.1:" + drainPort,
                        ""));
        return start(
                new JvmProgram(
                        "Sluice's broker",
                        List.of(brought.resolve("*"), sluiceJars.resolve("*")),
                        "io.sluice.broker.server.BrokerServer",
                        ProcessLogging.of(home, Jvm.underLoad(Stage.HEAP_MB)),
                        List.of("start", "--config", config.toString()),
                        home.resolve("broker.log")),
                port);
    }

    private JvmProcess start(JvmProgram program, int port) {
        JvmProcess process = JvmProcess.start(program);
        running.push(process);
        process.awaitReady(PATIENCE, () -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            }
        });
        return process;
    }

    @Override
    public void close() {
        while (!running.isEmpty()) {
            running.pop().close();
        }
    }
}
