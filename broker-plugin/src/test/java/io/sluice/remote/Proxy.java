package io.sluice.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A network between worker and broker that can be cut: connections break, and no new one is taken. It can also fall
 * silent, or change what passes.
 */
final class Proxy implements AutoCloseable {

    private final BufferEndpoint broker;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Semaphore open = new Semaphore(1);
    private final Semaphore heldBack = new Semaphore(0);
    private final AtomicLong passed = new AtomicLong();
    private volatile long bytesPerSecond = Long.MAX_VALUE;
    private volatile boolean cut;
    private volatile boolean holdsBack;
    private volatile byte[] changed = {};
    private volatile byte[] silencing = {};

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

    private void copy(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] bytes = new byte[1 << 16];
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                if (find(silencing, bytes, 0, read) >= 0) {
                    silencing = new byte[0];
                    silence();
                    holdsBack = true;
                    heldBack.acquireUninterruptibly();
                    out.write(bytes, 0, read);
                    continue;
                }
                open.acquireUninterruptibly();
                open.release();
                out.write(change(bytes, read), 0, read);
                passed.addAndGet(read);
                LockSupport.parkNanos((long) (1e9 * read / bytesPerSecond));
            }
        } catch (IOException e) {
            // cut
        }
    }

    /** Turns over the last bit of the text to be changed, wherever it lies whole in what was read. */
    private byte[] change(byte[] bytes, int read) {
        byte[] text = changed;
        for (int at = find(text, bytes, 0, read); at >= 0; at = find(text, bytes, at + text.length, read)) {
            bytes[at + text.length - 1] ^= 1;
        }
        return bytes;
    }

    private static int find(byte[] text, byte[] bytes, int from, int read) {
        for (int at = from; text.length > 0 && at + text.length <= read; at++) {
            if (Arrays.equals(bytes, at, at + text.length, text, 0, text.length)) {
                return at;
            }
        }
        return -1;
    }

    /** Lets so much pass from now on, in either direction. */
    void slowTo(long newBytesPerSecond) {
        bytesPerSecond = newBytesPerSecond;
    }

    /** How many bytes have passed, in both directions. */
    long passed() {
        return passed.get();
    }

    /** Changes this text whenever it passes. */
    void change(String text) {
        changed = text.getBytes(StandardCharsets.UTF_8);
    }

    /** Lets nothing pass any more; connections stay. */
    void silence() {
        open.acquireUninterruptibly();
    }

    /** Lets that text pass, and nothing behind it. */
    void letHeldBackPass() {
        heldBack.release();
    }

    /** Falls silent with this text, which does not pass any more. */
    void silenceAt(String text) {
        silencing = text.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether that text has come. */
    boolean holdsBack() {
        return holdsBack;
    }

    /** Ends the silence. */
    void speak() {
        open.release();
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
