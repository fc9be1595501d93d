package io.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports on the loopback address that a process can listen on, leave, and listen on again.
 *
 * <p>They are chosen below the ports that operating systems give to outgoing connections: one that the system has chosen
 * itself may belong to somebody's connection by the time a killed process wants it back.
 */
public final class FreePort {

    private static final int FIRST = 20_000;
    private static final int LAST = 31_999;
    private static final int TRIES = 1_000;
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePort() {}

    /**
     * A port that nobody listens on and that this method has not returned before in this process.
     *
     * @throws UncheckedIOException if none is found
     */
    public static int next() {
        IOException last = new IOException("no port tried");
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (GIVEN.add(socket.getLocalPort())) {
                    return port;
                }
            } catch (IOException e) {
                last = e;
            }
        }
        throw new UncheckedIOException("No free port from " + FIRST + " to " + LAST + " on the loopback address", last);
    }
}
