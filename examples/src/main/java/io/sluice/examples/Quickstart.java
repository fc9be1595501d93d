package io.sluice.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Sluice from device to Kafka, on this machine, in one command.
 *
 * <p>It starts a Kafka and a Connect worker as separate processes, installs the connector's archive in the worker,
 * posts a configuration over REST, and lets a few simulated devices publish over MQTT. Without options it prints each
 * record as it arrives in Kafka, until Ctrl-C, with a console for the browser beside it; with {@code --messages} it publishes that many, checks that all have
 * arrived, and exits 0, or 1 if one is missing. Nothing of it stays: no process, no file.
 */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Starts Kafka, a Connect worker with the Sluice connector, and devices that publish over MQTT;"
                + " shows what arrives in Kafka.")
public final class Quickstart implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--messages",
            paramLabel = "N",
            description = "Publish N messages, check that all arrive, and exit.")
    private int messages;

    @Option(
            names = "--rate",
            paramLabel = "R",
            description = "With --messages: publish R a second. Default: as fast as they are acknowledged.")
    private double rate;

    @Option(
            names = "--devices",
            paramLabel = "D",
            defaultValue = "5",
            description = "How many devices publish. Default: ${DEFAULT-VALUE}.")
    private int deviceCount;

    @Option(
            names = "--fleet",
            paramLabel = "FLEET",
            defaultValue = "thermometers",
            description =
                    "What publishes: ${COMPLETION-CANDIDATES}. sparkplug is edge nodes of Sparkplug B with three devices"
                            + " each. Default: ${DEFAULT-VALUE}.")
    private FleetName fleet = FleetName.thermometers;

    /** What publishes; the names are what the command takes. */
    enum FleetName {
        thermometers("Publish", "sensors/kitchen/temp -q 1 -m 21.5"),
        sparkplug(
                "Say that a host application is there",
                "spBv1.0/STATE/scada -q 1 -m '{\"online\":true,\"timestamp\":1772600767890}'");

        private final String ownMessage;
        private final String topicAndPayload;

        FleetName(String ownMessage, String topicAndPayload) {
            this.ownMessage = ownMessage;
            this.topicAndPayload = topicAndPayload;
        }
    }

    @Option(names = "--archive", required = true, hidden = true)
    private Path archive = Path.of("");

    @Option(names = "--kafka-libraries", required = true, hidden = true)
    private Path kafkaLibraries = Path.of("");

    @Option(names = "--sluice", hidden = true)
    private String sluice = "sluice";

    @Option(names = "--configuration", required = true, hidden = true)
    private Path configuration = Path.of("");

    public static void main(String[] args) {
        System.exit(new CommandLine(new Quickstart()).execute(args));
    }

    @Override
    public Integer call() {
        CommandLine command = spec.commandLine();
        if (messages < 0 || deviceCount < 1 || rate < 0) {
            throw new ParameterException(
                    command, "--messages and --rate must be positive numbers, and --devices at least 1");
        }
        if (fleet == FleetName.sparkplug && messages > 0) {
            throw new ParameterException(command, "--fleet=sparkplug shows what arrives: leave --messages out");
        }
        PrintWriter out = command.getOut();
        try (Cleanup cleanup = new Cleanup()) {
            try {
                return run(out, cleanup);
            } catch (RuntimeException e) {
                if (!cleanup.isEnding()) {
                    command.getErr().println("\n" + e.getMessage());
                    command.getErr().flush();
                }
                return 1;
            }
        }
    }

    private int run(PrintWriter out, Cleanup cleanup) {
        out.println("Starting, all on 127.0.0.1 and in a temporary folder:");
        Path configured = fleet == FleetName.sparkplug ? configuration.resolveSibling("sparkplug.json") : configuration;
        Pipeline pipeline = Pipeline.start(archive, kafkaLibraries, configured, cleanup, out);
        if (fleet == FleetName.sparkplug) {
            show(pipeline, out, cleanup);
            cleanup.add(edgeNodes(pipeline.mqttPort())::destroy);
            new LiveView(pipeline, out).run(cleanup);
            return 0;
        }
        Devices devices = cleanup.add(Devices.connect(deviceCount, pipeline.mqttPort()));
        if (messages == 0) {
            show(pipeline, out, cleanup);
            new LiveView(pipeline, out).run(devices, cleanup);
            return 0;
        }
        out.printf("%nPublishing %,d messages from %d devices with QoS 1.%n", messages, deviceCount);
        out.flush();
        DeliveryReport report =
                new DeliveryCheck(messages, rate == 0 ? Double.POSITIVE_INFINITY : rate).run(pipeline, devices);
        out.println(report.text());
        out.flush();
        return report.missing() == 0 ? 0 : 1;
    }

    /** Edge nodes of Sparkplug B, which a separate process of {@code sluice bench} plays. */
    private Process edgeNodes(int mqttPort) {
        List<String> command = List.of(
                sluice,
                "bench",
                "pub",
                "--fleet",
                "sparkplug",
                "--broker",
                "mqtt://127.0.0.1:" + mqttPort,
                "-t",
                "plant",
                "--clients",
                Integer.toString(deviceCount),
                "--rate",
                "2",
                "--duration",
                "24h");
        try {
            return new ProcessBuilder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("The fleet cannot be started with " + sluice, e);
        }
    }

    private void show(Pipeline pipeline, PrintWriter out, Cleanup cleanup) {
        out.println(commands(pipeline, console(pipeline, cleanup)));
        out.flush();
        cleanup.add(() -> {
            out.println("\nEnding the worker and Kafka ...");
            out.flush();
        });
    }

    /** The console's address; without the command line there is none. */
    private Optional<String> console(Pipeline pipeline, Cleanup cleanup) {
        Path program = Path.of(sluice);
        return Files.isExecutable(program)
                ? Optional.of(cleanup.add(
                                ConsoleProcess.start(program, pipeline.folder().resolve("contexts.json"), pipeline))
                        .address())
                : Optional.empty();
    }

    private String commands(Pipeline pipeline, Optional<String> console) {
        return console.map(address -> "\nSee it, change it, mend it in the browser (the address works once):\n  "
                                + address + "\n")
                        .orElse("")
                + """

                %7$s, from another terminal:
                  %1$s publish --broker mqtt://127.0.0.1:%2$d -t %8$s

                Consume:
                  %1$s tail %3$s --follow --kafka %4$s

                Ask the worker:
                  %1$s connector describe %5$s --worker %6$s

                Ctrl-C ends everything. What arrives in Kafka (topic-partition@offset, key, value, headers):
                """.formatted(
                                inShell(sluice),
                                pipeline.mqttPort(),
                                pipeline.topic(),
                                pipeline.bootstrapServers(),
                                pipeline.connector(),
                                pipeline.workerUrl(),
                                fleet.ownMessage,
                                fleet.topicAndPayload);
    }

    /** A program as a shell takes it, whose path may have blanks. */
    private static String inShell(String program) {
        return program.matches("[\\w./-]+") ? program : "'" + program.replace("'", "'\\''") + "'";
    }
}
