package io.sluice.benchmark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;

/**
 * One MQTT 3.1.1 connection of the load generator: packets that were encoded beforehand go out, acknowledgements come in.
 * Cheap on purpose, since it shares the machine with what is measured. For one thread.
 */
final class PublishingClient implements AutoCloseable {

    private static final int OUT_BYTES = 1 << 16;
    private static final int IN_BYTES = 1 << 13;

    private static final int CONNACK = 0x20;
    private static final int PUBACK = 0x40;
    private static final int PUBREC = 0x50;
    private static final int PUBREL = 0x62;
    private static final int PUBCOMP = 0x70;
    private static final int ACK_BYTES = 4;

    private final Load load;
    private final int run;
    private final int number;
    private final SocketChannel channel;
    private final byte[] packet;
    private final int idAt;
    private final int stampAt;
    private final Readings readings;
    private final ByteBuffer out;
    private final ByteBuffer in = ByteBuffer.allocateDirect(IN_BYTES);
    private final long[] dueById = new long[1 << 10];
    private final Histogram ackLatency;
    private int sent;
    private int acknowledged;

    private PublishingClient(Load load, int run, int number, SocketChannel channel, Histogram ackLatency) {
        this.load = load;
        this.run = run;
        this.number = number;
        this.channel = channel;
        this.ackLatency = ackLatency;
        byte[] topic = ("bench/" + run % 10 + "/" + number).getBytes(StandardCharsets.UTF_8);
        int idBytes = load.qos() == 0 ? 0 : 2;
        int remaining = 2 + topic.length + idBytes + load.payloadBytes();
        ByteBuffer encoded = ByteBuffer.allocate(5 + remaining);
        encoded.put((byte) (0x30 | (load.qos() << 1)));
        putLength(encoded, remaining);
        encoded.putShort((short) topic.length).put(topic);
        this.idAt = encoded.position();
        this.stampAt = idAt + idBytes;
        this.readings = new Readings(load.payloadBytes() - Stamp.BYTES, number);
        this.packet = new byte[stampAt + load.payloadBytes()];
        encoded.flip().get(packet, 0, idAt);
        this.out = ByteBuffer.allocateDirect(Math.max(OUT_BYTES, 2 * packet.length));
    }

    /** Connects, and waits until the broker has accepted. */
    static PublishingClient connect(Load load, int run, int number, int port, Histogram ackLatency) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        PublishingClient client = new PublishingClient(load, run, number, channel, ackLatency);
        client.handshake();
        channel.configureBlocking(false);
        return client;
    }

    private void handshake() throws IOException {
        byte[] clientId = ("bench-" + run + "-" + number).getBytes(StandardCharsets.UTF_8);
        ByteBuffer connect = ByteBuffer.allocate(64 + clientId.length);
        connect.put((byte) 0x10);
        putLength(connect, 12 + clientId.length);
        connect.put(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0}); // clean session, no keep-alive
        connect.putShort((short) clientId.length).put(clientId).flip();
        channel.write(connect);
        ByteBuffer answer = ByteBuffer.allocate(4);
        while (answer.hasRemaining()) {
            if (channel.read(answer) < 0) {
                throw new IOException("the broker closed the connection");
            }
        }
        if (answer.get(0) != CONNACK || answer.get(3) != 0) {
            throw new IOException("the broker refused the connection with code " + answer.get(3));
        }
    }

    private static void putLength(ByteBuffer to, int length) {
        int rest = length;
        while (rest > 0x7f) {
            to.put((byte) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        to.put((byte) rest);
    }

    SocketChannel channel() {
        return channel;
    }

    /** Writes what is due and fits the window, and reads what has come; returns whether anything happened. */
    boolean work(long beginNs, long nowNs) throws IOException {
        boolean read = receive(nowNs);
        fill(beginNs, nowNs);
        boolean written = write();
        return read || written;
    }

    private void fill(long beginNs, long nowNs) {
        while (sent < load.perConnection()
                && out.remaining() >= packet.length
                && (load.qos() == 0 || sent - acknowledged < load.window())) {
            long dueNs = nowNs;
            if (load.perSecond() > 0) {
                dueNs = beginNs + ((long) sent * load.connections() + number) * 1_000_000_000L / load.perSecond();
                if (dueNs > nowNs) {
                    return;
                }
            }
            int start = out.position();
            out.put(packet);
            int end = out.position();
            if (load.qos() > 0) {
                int id = 1 + sent % 65_535;
                out.putShort(start + idAt, (short) id);
                dueById[id & (dueById.length - 1)] = dueNs;
            }
            out.position(start + stampAt);
            Stamp.write(out, run, number, sent, dueNs);
            readings.write(out);
            out.position(end);
            sent++;
            if (load.qos() == 0) {
                acknowledged++;
            }
        }
    }

    private boolean write() throws IOException {
        if (out.position() == 0) {
            return false;
        }
        out.flip();
        int written = channel.write(out);
        out.compact();
        return written > 0;
    }

    private boolean receive(long nowNs) throws IOException {
        int read = channel.read(in);
        if (read < 0) {
            throw new IOException("the broker closed connection " + number);
        }
        if (read == 0) {
            return false;
        }
        in.flip();
        // An answer to PUBREC must find room; if it does not, the rest waits until something was written.
        while (in.remaining() >= ACK_BYTES && out.remaining() >= ACK_BYTES) {
            int type = in.get() & 0xff;
            in.get();
            int id = in.getShort() & 0xffff;
            if (type == PUBACK || type == PUBREC) {
                ackLatency.recordValue(Math.max(0, nowNs - dueById[id & (dueById.length - 1)]));
            }
            if (type == PUBACK || type == PUBCOMP) {
                acknowledged++;
            } else if (type == PUBREC) {
                out.put((byte) PUBREL).put((byte) 2).putShort((short) id);
            } else {
                throw new IOException("unexpected packet of type " + (type >> 4));
            }
        }
        in.compact();
        return true;
    }

    int sent() {
        return sent;
    }

    int acknowledged() {
        return acknowledged;
    }

    /** Whether all was published and acknowledged. */
    boolean isDone() {
        return acknowledged == load.perConnection() && out.position() == 0;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
