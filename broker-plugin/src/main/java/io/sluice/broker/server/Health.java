package io.sluice.broker.server;

import io.sluice.broker.door.Listener;
import io.sluice.remote.DrainConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Whether the broker of a configuration runs: each of its listeners takes a connection, and a process holds its buffer.
 * Needs no user name, and leaves nothing in the broker's log.
 */
final class Health {

    private static final int TIMEOUT_MS = 3_000;

    private Health() {}

    /** Why the broker is not well; empty if it is. */
    static Optional<String> complaint(ServerConfig server) {
        for (Listener listener : server.broker().listeners()) {
            Optional<String> complaint = complaint(listener.toString(), listener.host(), listener.port());
            if (complaint.isPresent()) {
                return complaint;
            }
        }
        // The lock last: a try holds it for a moment, and a broker that starts then would be refused.
        return server.drain()
                .map(DrainConfig::listener)
                .flatMap(listener -> complaint(listener.toString(), listener.host(), listener.port()))
                .or(() -> server.broker().buffer().dir().flatMap(Health::complaint));
    }

    private static Optional<String> complaint(String listener, String host, int port) {
        // Only the broker's log knows which free port it has found.
        if (port != 0) {
            try (Socket socket = new Socket()) {
                InetAddress address = InetAddress.getByName(host);
                socket.connect(
                        new InetSocketAddress(
                                address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address, port),
                        TIMEOUT_MS);
            } catch (IOException e) {
                return Optional.of("Nothing takes connections at " + listener + ": " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    private static Optional<String> complaint(Path bufferDir) {
        try (FileChannel channel = FileChannel.open(bufferDir.resolve("lock"), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null
                    ? Optional.empty()
                    : Optional.of("No broker has " + bufferDir + " open: another program listens");
        } catch (IOException e) {
            return Optional.of("The buffer in " + bufferDir + " cannot be inspected: " + e);
        }
    }
}
