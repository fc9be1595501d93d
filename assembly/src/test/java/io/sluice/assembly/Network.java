package io.sluice.assembly;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A network between workers and one broker that can be slow, and cut: connections break, and no new one is taken. */
final class Network implements AutoCloseable {

    private static final int CHUNK = 1 << 16;

    private final String scheme;
    private final int brokerPort;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile long delayMs;

    /** @param scheme what the broker speaks, {@code tcp} or {@code ssl} */
    Network(String scheme, int brokerPort) throws IOException {
        this.scheme = scheme;
        this.brokerPort = brokerPort;
        start(this::accept);
    }

    /** Where workers reach the broker. */
    String endpoint() {
        return scheme + "://127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                connect(listener.accept());
            } catch (IOException e) {
                // closed
            }
        }
    }

    private void connect(Socket worker) throws IOException {
        sockets.add(worker);
        if (cut) {
            worker.close();
            return;
        }
        try {
            Socket broker = new Socket(InetAddress.getLoopbackAddress(), brokerPort);
            sockets.add(broker);
            start(() -> copy(worker, broker));
            start(() -> copy(broker, worker));
            if (cut) {
                broker.close();
            }
        } catch (IOException away) {
            worker.close();
        }
    }

    private void copy(Socket from, Socket to) {
        byte[] chunk = new byte[CHUNK];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delayMs));
                out.write(chunk, 0, read);
            }
        } catch (IOException e) {
            // cut, or one of both is away
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private static void start(Runnable action) {
        Thread thread = new Thread(action, "test-network");
        thread.setDaemon(true);
        thread.start();
    }

    /** Holds every chunk of bytes up for so long, in both directions. */
    void delay(long ms) {
        delayMs = ms;
    }

    void cut() throws IOException {
        cut = true;
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    void mend() {
        cut = false;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
