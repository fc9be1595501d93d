package io.sluice.broker.server;

import io.sluice.broker.BrokerConfig;
import io.sluice.broker.Listener;
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
    static Optional<String> complaint(BrokerConfig broker) {
        for (Listener listener : broker.listeners()) {
            // Nobody but the broker's log knows which port it has found.
            if (listener.port() != 0) {
                try (Socket socket = new Socket()) {
                    socket.connect(address(listener), TIMEOUT_MS);
                } catch (IOException e) {
                    return Optional.of("Nothing takes connections at " + listener + ": " + e.getMessage());
                }
            }
        }
        // Last, because whoever tries a lock holds it for a moment, and a broker that starts then would be refused.
        return broker.buffer().dir().flatMap(Health::complaint);
    }

    private static InetSocketAddress address(Listener listener) throws IOException {
        InetAddress host = InetAddress.getByName(listener.host());
        return new InetSocketAddress(
                host.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : host, listener.port());
    }

    private static Optional<String> complaint(Path bufferDir) {
        try (FileChannel channel = FileChannel.open(bufferDir.resolve("lock"), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null
                    ? Optional.empty()
                    : Optional.of("No broker has " + bufferDir + " open: what listens is another program");
        } catch (IOException e) {
            return Optional.of("The buffer in " + bufferDir + " cannot be looked at: " + e);
        }
    }
}
