package io.sluice.tools.doctor;

import io.sluice.tools.Connector;
import io.sluice.tools.doctor.Findings.Matter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Looks at the places that a connector uses: listeners and endpoints with their certificates, and the buffer's disk. */
public final class PlaceExam {

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration SOON = Duration.ofDays(30);
    private static final long DEFAULT_MAX_BYTES = 1L << 30;
    private static final String LISTENERS = "broker.listeners";
    private static final String ENDPOINTS = "buffer.endpoints";
    private static final int HTTPS_PORT = 443;
    private static final int MOST_PORT = 65_535;

    private final URI worker;
    private final Findings findings;

    /** @param worker where the worker is, and with it the brokers of its connectors */
    public PlaceExam(URI worker, Findings findings) {
        this.worker = worker;
        this.findings = findings;
    }

    /** Looks at the certificate of the worker itself, if it has one. */
    public void worker() {
        if ("https".equals(worker.getScheme())) {
            int port = worker.getPort() < 0 ? HTTPS_PORT : worker.getPort();
            look(findings.about("worker"), worker.toString(), new InetSocketAddress(worker.getHost(), port), true);
        }
    }

    /**
     * Looks at the places of a connector.
     *
     * @param runs whether it runs, so that somebody must answer
     */
    public void connector(Connector connector, boolean runs) {
        Matter about = findings.about(connector.name());
        Map<String, String> config = connector.config();
        if (config.getOrDefault("broker.mode", "embedded").equals("remote")) {
            places(about, config.getOrDefault(ENDPOINTS, ""), ENDPOINTS, true);
            return;
        }
        places(about, config.getOrDefault(LISTENERS, "tcp://127.0.0.1:1883"), LISTENERS, runs);
        disk(about, connector);
    }

    private void places(Matter about, String places, String key, boolean answers) {
        HardeningExam.listeners(places).forEach(place -> {
            Optional<URI> uri = uri(place);
            if (uri.isEmpty() || uri.get().getPort() <= 0) {
                about.unknown(key + ": " + place + " names no port to ask.", "");
            } else if (answers) {
                place(about, place, uri.get());
            }
        });
    }

    private static Optional<URI> uri(String text) {
        try {
            return Optional.of(URI.create(text))
                    .filter(uri -> uri.getScheme() != null && uri.getHost() != null && uri.getPort() <= MOST_PORT);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void place(Matter about, String place, URI uri) {
        String host = uri.getHost().replaceAll("^\\[|]$", "");
        boolean tls = Set.of("ssl", "wss").contains(uri.getScheme().toLowerCase(Locale.ROOT));
        try {
            InetAddress address = InetAddress.getByName(host);
            if (address.isLoopbackAddress() && !isWorkerHere()) {
                about.unknown(place + " can be reached on the worker's machine only.", "Ask from there.");
                return;
            }
            look(
                    about,
                    place,
                    new InetSocketAddress(address.isAnyLocalAddress() ? worker.getHost() : host, uri.getPort()),
                    tls);
        } catch (IOException e) {
            about.wrong(place + ": the host " + host + " is not known.", "Name a host that is.");
        }
    }

    private void look(Matter about, String place, InetSocketAddress address, boolean tls) {
        try {
            Optional<Instant> expiry = Certificates.expiry(address, tls, PATIENCE);
            if (expiry.isEmpty()) {
                about.good(place + " is reached.");
            } else if (expiry.get().isBefore(Instant.now())) {
                about.wrong(place + " shows a certificate that expired at " + expiry.get() + ".", "Renew it now.");
            } else if (expiry.get().isBefore(Instant.now().plus(SOON))) {
                about.wrong(
                        place + " shows a certificate that expires at " + expiry.get() + ".",
                        "Renew it; the process reads the changed file without a restart.");
            } else {
                about.good(place + " is reached, with a certificate that is valid until " + expiry.get() + ".");
            }
        } catch (IOException e) {
            about.wrong(
                    place + " is not reached: " + e.getMessage() + ".",
                    "See whether it runs, and whether a firewall is between; at " + address
                            + " somebody has to listen.");
        }
    }

    private void disk(Matter about, Connector connector) {
        Optional<String> named = Optional.ofNullable(connector.config().get("buffer.dir"));
        if (named.isEmpty() || "memory".equals(connector.config().get("buffer.storage"))) {
            return;
        }
        try {
            disk(about, connector, Path.of(named.get()));
        } catch (InvalidPathException e) {
            about.unknown(
                    "buffer.dir: " + named.get() + " is no path on this machine.",
                    "Look at its disk on the worker's machine.");
        }
    }

    private void disk(Matter about, Connector connector, Path dir) {
        if (!Files.isDirectory(dir) || !isWorkerHere()) {
            about.unknown(dir + " is not on this machine.", "Look at its disk on the worker's machine.");
            return;
        }
        try {
            long usable = Files.getFileStore(dir).getUsableSpace();
            long more = maxBytes(connector) - bytes(dir);
            if (usable < more) {
                about.wrong(
                        "The disk of " + dir + " has " + usable + " bytes left, and the buffer may take " + more
                                + " more.",
                        "Make space, or lower buffer.max.bytes.");
            } else {
                about.good("The disk of " + dir + " has space for all that the buffer may take.");
            }
        } catch (IOException e) {
            about.unknown(dir + " cannot be looked at: " + e + ".", "Ask as its owner.");
        }
    }

    /** Whether the worker is on this machine; one whose host is unknown is not. */
    public boolean isWorkerHere() {
        try {
            return InetAddress.getByName(worker.getHost()).isLoopbackAddress();
        } catch (IOException e) {
            return false;
        }
    }

    private static long maxBytes(Connector connector) {
        String text = connector.config().getOrDefault("buffer.max.bytes", "");
        return text.strip().matches("[0-9]{1,18}") ? Long.parseLong(text.strip()) : DEFAULT_MAX_BYTES;
    }

    private static long bytes(Path dir) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            long bytes = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        }
    }
}
