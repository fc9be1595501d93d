package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.awaitility.Awaitility.await;

import io.sluice.assembly.BrokerInstallation.Running;
import io.sluice.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A broker from its archive, in a separate process, which serves its buffer to those who know the token. */
final class RemoteBroker implements AutoCloseable {

    static final String TOKEN = "the-token-of-the-test-brokers";

    private final BrokerInstallation installation;
    private final int mqttPort;
    private final Network network;
    private Running process;

    RemoteBroker() throws IOException, InterruptedException {
        this("", List.of());
    }

    /**
     * One that is configured further.
     *
     * @param jvmOptions for its process
     * @param configuration lines for its file
     */
    RemoteBroker(String jvmOptions, List<String> configuration) throws IOException, InterruptedException {
        this(
                jvmOptions,
                "tcp",
                Stream.concat(Stream.of("sluice.drain.token.file tokens"), configuration.stream())
                        .toList());
    }

    private RemoteBroker(String jvmOptions, String scheme, List<String> configuration)
            throws IOException, InterruptedException {
        installation = new BrokerInstallation(jvmOptions);
        int drainPort = FreePort.next();
        Files.writeString(installation.home().resolve("config/tokens"), TOKEN + "\n");
        mqttPort = installation.configure(Stream.concat(
                        Stream.of("sluice.drain.listener " + scheme + "://127.0.0.1:" + drainPort),
                        configuration.stream())
                .toArray(String[]::new));
        network = new Network(scheme, drainPort);
        process = installation.startBroker();
    }

    /** One that speaks TLS, and lets those in who show a certificate that is in a store; no token is asked for. */
    static RemoteBroker overTls(Path keyStore, Path trustStore, String password)
            throws IOException, InterruptedException {
        return new RemoteBroker(
                "",
                "ssl",
                List.of(
                        "sluice.drain.ssl.keystore.location " + keyStore,
                        "sluice.drain.ssl.keystore.password " + password,
                        "sluice.drain.ssl.client.auth required",
                        "sluice.drain.ssl.truststore.location " + trustStore,
                        "sluice.drain.ssl.truststore.password " + password));
    }

    int mqttPort() {
        return mqttPort;
    }

    /** Between workers and the broker. */
    Network network() {
        return network;
    }

    /** The operating system's number for its process. */
    long pid() {
        return process.process().pid();
    }

    /** Ends it as a power cut would (SIGKILL). */
    void kill() throws IOException, InterruptedException {
        process.process().destroyForcibly();
        process.end();
    }

    void start() throws IOException {
        process = installation.startBroker();
    }

    /** Waits until the buffer knows a connector: a checkpoint of it names the connector from its first attachment on. */
    void awaitKnown(String connector) {
        await().atMost(Duration.ofMinutes(1))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> isIn("checkpoint.0", connector) || isIn("checkpoint.1", connector));
    }

    private boolean isIn(String checkpoint, String connector) throws IOException {
        Path file = installation.bufferDir().resolve(checkpoint);
        return Files.exists(file) && Files.readString(file, ISO_8859_1).contains(connector);
    }

    @Override
    public void close() throws IOException {
        network.close();
        installation.close();
    }
}
