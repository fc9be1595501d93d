package io.sluice.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;

/** A fleet of {@code sluice bench}, a separate process that publishes until it is closed. */
final class FleetProcess implements AutoCloseable {

    private final Process process;

    private FleetProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts edge nodes of Sparkplug B, each with three devices.
     *
     * @param sluice the command line's program
     * @param mqttPort of a broker on this machine
     * @throws UncheckedIOException if it cannot be started
     */
    static FleetProcess sparkplug(String sluice, int nodes, int mqttPort) {
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
                Integer.toString(nodes),
                "--rate",
                "2",
                "--duration",
                "24h");
        try {
            return new FleetProcess(new ProcessBuilder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException("The fleet cannot be started with " + sluice, e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
