package io.sluice.broker.server;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.sluice.remote.DrainConfig;
import io.sluice.status.StatusAddress;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;

/**
 * Whether the broker of a configuration runs: each of its listeners takes a connection, its status says that it is alive,
 * and a process holds its buffer and its sessions. Needs no user name, and leaves nothing in the broker's log.
 *
 * <p>A store of sessions that an error has stopped has let go of its folder. Of a buffer that has stopped, only the status
 * tells.
 */
final class Health {

    private static final int TIMEOUT_MS = 3_000;

    private Health() {}

    /** Why the broker is not well; empty if it is. */
    static Optional<String> complaint(ServerConfig server) {
        // The locks last: a try holds them for a moment, and a broker that starts then would be refused.
        return server.broker().listeners().stream()
                .flatMap(listener -> complaint(listener.toString(), listener.host(), listener.port()).stream())
                .findFirst()
                .or(() -> server.drain()
                        .map(DrainConfig::listener)
                        .flatMap(listener -> complaint(listener.toString(), listener.host(), listener.port())))
                .or(() -> server.status().flatMap(status -> complaint(status.listener())))
                .or(() -> server.broker()
                        .buffer()
                        .dir()
                        .flatMap(dir -> complaint(dir, "No broker has " + dir + " open: another program listens")))
                .or(() -> server.broker()
                        .sessionsDir()
                        .flatMap(dir -> complaint(
                                dir,
                                "An error has stopped the store of MQTT sessions in " + dir
                                        + ": the log says which; start the broker again")));
    }

    /** Shows no token and asks for no certificate, as a probe does: it is told whether to start again, and no more. */
    private static Optional<String> complaint(StatusAddress status) {
        if (status.port() == 0) {
            return Optional.empty();
        }
        try {
            URI live = new URI(
                    status.encrypted() ? "https" : "http",
                    null,
                    reachable(status.host()).getHostAddress(),
                    status.port(),
                    "/health/live",
                    null,
                    null);
            HttpURLConnection question = (HttpURLConnection) live.toURL().openConnection(Proxy.NO_PROXY);
            if (question instanceof HttpsURLConnection secured) {
                SSLContext trusting = SSLContext.getInstance("TLS");
                trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
                secured.setSSLSocketFactory(trusting.getSocketFactory());
                secured.setHostnameVerifier((host, session) -> true);
            }
            question.setConnectTimeout(TIMEOUT_MS);
            question.setReadTimeout(TIMEOUT_MS);
            return question.getResponseCode() == HttpURLConnection.HTTP_UNAVAILABLE
                    ? Optional.of("An error has stopped the buffer or the store of MQTT sessions: the log and " + status
                            + "/health/live say which; start the broker again")
                    : Optional.empty();
        } catch (IOException | GeneralSecurityException | URISyntaxException e) {
            return Optional.of("The status at " + status + " does not answer: " + e.getMessage());
        }
    }

    private static InetAddress reachable(String host) throws IOException {
        InetAddress address = InetAddress.getByName(host);
        return address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
    }

    private static Optional<String> complaint(String listener, String host, int port) {
        // Only the broker's log knows which free port it has found.
        if (port != 0) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(reachable(host), port), TIMEOUT_MS);
            } catch (IOException e) {
                return Optional.of("Nothing takes connections at " + listener + ": " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    private static Optional<String> complaint(Path dir, String ifNobodyHasIt) {
        try (FileChannel channel = FileChannel.open(dir.resolve("lock"), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null ? Optional.empty() : Optional.of(ifNobodyHasIt);
        } catch (IOException e) {
            return Optional.of("The folder " + dir + " cannot be inspected: " + e);
        }
    }
}
