package io.sluice.broker.raw;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A client of the broker over TCP, or over what {@link WebSocketPeer} opened, which sends the bytes it is told to. */
public final class Peer implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Socket socket;
    private final InputStream in;
    private final UnaryOperator<byte[]> framing;

    /** A packet that came. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Received(int firstByte, byte[] body) {

        public int type() {
            return firstByte >>> 4;
        }

        /** Its packet id, if it begins with one. */
        public int packetId() {
            return u16(0);
        }

        /** The number in the two bytes at a place of the body. */
        public int u16(int at) {
            return ((body[at] & 0xFF) << 8) | (body[at + 1] & 0xFF);
        }
    }

    public Peer(Socket socket) throws IOException {
        this(socket, new BufferedInputStream(socket.getInputStream()), UnaryOperator.identity());
    }

    /**
     * A peer whose packets travel in frames.
     *
     * @param in the packets that come, out of their frames
     * @param framing puts bytes to be sent into frames
     */
    Peer(Socket socket, InputStream in, UnaryOperator<byte[]> framing) throws IOException {
        this.socket = socket;
        this.in = in;
        this.framing = framing;
        socket.setTcpNoDelay(true);
    }

    public static Peer at(int port) throws IOException {
        return new Peer(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** With a receive buffer so small that the broker soon cannot write. */
    public static Peer thatReadsLittle(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new Peer(socket);
    }

    /** A peer whose CONNECT was accepted. */
    public static Peer connected(int port, Mqtt version, String clientId) throws IOException {
        return at(port).connect(version.connect(clientId));
    }

    /** Sends CONNECT and expects to be accepted. */
    public Peer connect(byte[] connect) throws IOException {
        send(connect);
        Received connack = next();
        if (connack.type() != Mqtt.CONNACK || connack.body()[1] != 0) {
            throw new IOException("refused with " + (connack.body()[1] & 0xFF));
        }
        return this;
    }

    public Socket socket() {
        return socket;
    }

    public void send(byte[]... all) throws IOException {
        for (byte[] bytes : all) {
            socket.getOutputStream().write(framing.apply(bytes));
        }
    }

    /** Sends as long as the broker takes it, and says whether it took all. */
    public boolean trySend(byte[]... all) {
        try {
            send(all);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Sends again and again for a while, without waiting for the broker to take it: a thread that hangs in a write is
     * left behind, and ends when this is closed.
     */
    public void flood(byte[] bytes, Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        Thread sender = new Thread(
                () -> {
                    while (System.nanoTime() < end && trySend(bytes)) {
                        // The next.
                    }
                },
                "flood");
        sender.setDaemon(true);
        sender.start();
        sender.join(time.toMillis() + 200);
    }

    /** The next packet. */
    public Received next() throws IOException {
        return next(PATIENCE).orElseThrow(() -> new SocketTimeoutException("nothing comes"));
    }

    /** The next packet of a type; others are skipped. */
    public Received next(int type) throws IOException {
        Received packet = next();
        while (packet.type() != type) {
            packet = next();
        }
        return packet;
    }

    /** The next packet, if one comes in time. The connection must not end. */
    public Optional<Received> next(Duration patience) throws IOException {
        socket.setSoTimeout((int) Math.max(1, patience.toMillis()));
        int firstByte;
        try {
            firstByte = in.read();
        } catch (SocketTimeoutException e) {
            return Optional.empty();
        }
        if (firstByte < 0) {
            throw new EOFException("the broker has closed");
        }
        socket.setSoTimeout((int) PATIENCE.toMillis());
        int length = 0;
        int shift = 0;
        int digit;
        do {
            digit = in.read();
            length |= (digit & 0x7F) << shift;
            shift += 7;
        } while ((digit & 0x80) != 0);
        return Optional.of(new Received(firstByte, in.readNBytes(length)));
    }

    /** Whether the broker ends the connection in time; what comes before is skipped. */
    public boolean isClosedWithin(Duration patience) throws SocketException {
        long deadline = System.nanoTime() + patience.toNanos();
        byte[] chunk = new byte[65_536];
        while (System.nanoTime() < deadline) {
            socket.setSoTimeout((int) Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            try {
                if (in.read(chunk) < 0) {
                    return true;
                }
            } catch (SocketTimeoutException e) {
                return false;
            } catch (IOException e) {
                return true;
            }
        }
        return false;
    }

    /** Sends FIN, and reads on. */
    public void finish() throws IOException {
        socket.shutdownOutput();
    }

    /** Ends the connection with RST. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // Then it is closed.
        }
    }
}
