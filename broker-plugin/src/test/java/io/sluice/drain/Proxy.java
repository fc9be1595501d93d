package io.sluice.drain;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A network between worker and broker that can be cut: connections break, and no new one is taken. */
final class Proxy implements AutoCloseable {

    private final BufferEndpoint broker;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    Proxy(BufferEndpoint broker) throws IOException {
        this.broker = broker;
        this.listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    BufferEndpoint endpoint() {
        return new BufferEndpoint(broker.encrypted(), "127.0.0.1", listener.getLocalPort());
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket worker = listener.accept();
                if (cut) {
                    worker.close();
                    continue;
                }
                Socket towards = new Socket(broker.host(), broker.port());
                sockets.add(worker);
                sockets.add(towards);
                start(() -> copy(worker, towards));
                start(() -> copy(towards, worker));
            } catch (IOException e) {
                // closed, or the broker is away
            }
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException e) {
            // cut
        }
    }

    private static void start(Runnable action) {
        Thread thread = new Thread(action, "test-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    void cut() throws IOException {
        cut = true;
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
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
