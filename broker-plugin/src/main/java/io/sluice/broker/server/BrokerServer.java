package io.sluice.broker.server;

import io.sluice.broker.BrokerException;
import io.sluice.broker.EmbeddedBroker;
import io.sluice.buffer.record.BufferException;
import io.sluice.remote.DrainConfig;
import io.sluice.remote.DrainServer;
import io.sluice.remote.DrainStats;
import io.sluice.status.ShownProcess;
import io.sluice.status.ShownProcess.Role;
import io.sluice.status.StatusBoard;
import io.sluice.status.StatusException;
import io.sluice.status.StatusListener;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The program {@code sluice-broker}: runs a broker until it is told to end (SIGTERM, Ctrl-C), which closes its buffer.
 *
 * <p>Exit codes: 0, all is well; 1, the broker cannot start, or is not well; 2, the command or the configuration was
 * not understood; 143, it ran and was ended by SIGTERM.
 */
@Command(
        name = "sluice-broker",
        mixinStandardHelpOptions = true,
        versionProvider = BrokerServer.Version.class,
        description = "An MQTT broker that keeps what devices publish until Kafka has it.")
public final class BrokerServer implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerServer.class);

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private Configuration configuration;

    private BrokerServer() {}

    /** Runs a command, and ends the process with its exit code. */
    public static void main(String[] arguments) {
        // A client of TLS 1.2 could have the broker compute one handshake after the other.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        System.exit(run(arguments));
    }

    private static int run(String... arguments) {
        return new CommandLine(new BrokerServer())
                .addSubcommand("buffer", new BufferCommand())
                .addSubcommand("access", new AccessCommand())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof ConfigurationException) {
                        command.getErr().println(failure.getMessage());
                        return CommandLine.ExitCode.USAGE;
                    }
                    if (failure instanceof BrokerException
                            || failure instanceof BufferException
                            || failure instanceof StatusException) {
                        command.getErr().println(failure.getMessage());
                    } else {
                        LOG.error("The broker has failed", failure);
                    }
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws InterruptedException {
        return start(configuration);
    }

    @Command(description = "Runs the broker in the foreground; the same as no command.")
    int start(@Mixin Configuration config) throws InterruptedException {
        Path file = file(config);
        ServerConfig server = ServerConfig.read(file);
        if (!server.unused().isEmpty()) {
            LOG.warn("Keys of Moquette in {} that have no effect here: {}", file, server.unused());
        }
        // Before the broker: what a crash has left may take it a while to read.
        Optional<StatusListener> status = server.status()
                .map(wanted -> StatusListener.acquire(wanted, new ShownProcess(Role.STANDALONE, version())));
        EmbeddedBroker broker = EmbeddedBroker.acquire(server.broker());
        Optional<DrainServer> drain = serve(broker, server.drain());
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            try (broker) {
                                drain.ifPresent(DrainServer::close);
                            } finally {
                                status.ifPresent(StatusListener::close);
                            }
                        },
                        "sluice-broker-end"));
        Supplier<DrainStats> drained = () -> drain.map(DrainServer::stats).orElse(DrainStats.NONE);
        BrokerMBean.show(server.broker().name(), broker::stats, drained);
        StatusBoard.shared().show(() -> DrainMetrics.samples(server.broker().name(), drained.get()));
        LOG.info(
                "Ready: devices connect to {}, messages are kept {}",
                broker.listeners(),
                server.broker().buffer().dir().map(dir -> "in " + dir).orElse("in memory"));
        new CountDownLatch(1).await();
        return CommandLine.ExitCode.OK;
    }

    private static Optional<DrainServer> serve(EmbeddedBroker broker, Optional<DrainConfig> config) {
        try {
            return config.map(wanted -> DrainServer.start(broker.buffer(), wanted));
        } catch (BufferException e) {
            broker.close();
            throw e;
        }
    }

    @Command(
            description = "Says by its exit code whether the broker of this configuration runs: each listener takes a"
                    + " connection, the folders of the buffer and of sessions are held by a process, and the status, if"
                    + " it is served, says that the broker is alive. 0: it does; 1: it does not. That an error has"
                    + " stopped the buffer shows only where the status is served.")
    int health(@Mixin Configuration config) {
        Optional<String> complaint = Health.complaint(ServerConfig.read(file(config)));
        System.out.println(complaint.orElse("The broker is healthy."));
        return complaint.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    /** The file that is named behind the command, or else in front of it. */
    private Path file(Configuration behind) {
        return behind.file
                .or(() -> configuration.file)
                .orElseGet(() -> Path.of(System.getProperty("sluice.home", "."), "config", "sluice-broker.conf"));
    }

    private static String version() {
        return Optional.ofNullable(BrokerServer.class.getPackage().getImplementationVersion())
                .orElse("(not from a jar)");
    }

    static final class Configuration {

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "The configuration; by default config/sluice-broker.conf of the installation.")
        @SuppressWarnings("NullAway.Init")
        private Optional<Path> file;
    }

    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"sluice-broker " + version()};
        }
    }
}
