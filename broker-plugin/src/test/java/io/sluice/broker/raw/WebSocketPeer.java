package io.sluice.broker.raw;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** A client of the WebSocket listener that writes its frames itself. */
public final class WebSocketPeer implements AutoCloseable {

    public static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;

    private final Peer peer;

    private WebSocketPeer(Peer peer) {
        this.peer = peer;
    }

    /** The request of a right handshake for a path. */
    public static String upgrade(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Protocol: mqtt\r\n\r\n";
    }

    /** A peer whose handshake was accepted. */
    public static WebSocketPeer open(int port) throws IOException {
        Peer peer = Peer.at(port);
        String status = request(peer, upgrade("/mqtt"));
        if (!status.contains(" 101 ")) {
            throw new IOException("refused: " + status);
        }
        return new WebSocketPeer(peer);
    }

    /** A peer that is connected, with an MQTT 3.1.1 session. */
    public static WebSocketPeer connected(int port, String clientId) throws IOException {
        WebSocketPeer opened = open(port);
        opened.send(BINARY, Mqtt.V3_1_1.connect(clientId));
        byte[] connack = opened.readFrame();
        if (connack.length != 4 || connack[3] != 0) {
            throw new IOException("no CONNACK");
        }
        return opened;
    }

    /** Sends a request and returns the head of the answer; empty if there is none. */
    public static String request(Peer peer, String request) throws IOException {
        peer.send(request.getBytes(StandardCharsets.ISO_8859_1));
        peer.socket().setSoTimeout(5_000);
        InputStream in = peer.socket().getInputStream();
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /**
     * The same connection as a peer that knows nothing of frames.
     *
     * @param random how packets are cut into frames, and messages into fragments
     */
    public Peer cutting(Random random) throws IOException {
        return new Peer(peer.socket(), new FrameInput(peer.socket().getInputStream()), bytes -> cut(bytes, random));
    }

    private static byte[] cut(byte[] bytes, Random random) {
        Bytes frames = new Bytes();
        boolean within = false;
        for (int from = 0; from < bytes.length; ) {
            int size = Math.min(bytes.length - from, 1 + random.nextInt(random.nextInt(5) == 0 ? 4 : 2_000));
            boolean last = from + size == bytes.length || random.nextBoolean();
            int opcode = within ? CONTINUATION : BINARY;
            frames.raw(frame(last ? FINAL | opcode : opcode, true, Arrays.copyOfRange(bytes, from, from + size)));
            within = !last;
            from += size;
            if (random.nextInt(20) == 0) {
                frames.raw(frame(FINAL | PONG, true, new byte[random.nextInt(3)]));
            }
        }
        return frames.array();
    }

    public Peer peer() {
        return peer;
    }

    /** Sends a whole message in one masked frame. */
    public void send(int opcode, byte[] payload) throws IOException {
        peer.send(frame(FINAL | opcode, true, payload));
    }

    /** Sends a message in several frames, one for each part. */
    public void sendFragments(int opcode, byte[]... parts) throws IOException {
        for (int i = 0; i < parts.length; i++) {
            int first = i == 0 ? opcode : CONTINUATION;
            peer.send(frame(i == parts.length - 1 ? FINAL | first : first, true, parts[i]));
        }
    }

    /** The bytes of a frame. */
    public static byte[] frame(int firstByte, boolean masked, byte[] payload) {
        Bytes frame = head(firstByte, masked, payload.length);
        if (!masked) {
            return frame.raw(payload).array();
        }
        byte[] key = {0x12, 0x34, 0x56, 0x78};
        byte[] hidden = payload.clone();
        for (int i = 0; i < hidden.length; i++) {
            hidden[i] ^= key[i % 4];
        }
        return frame.raw(key).raw(hidden).array();
    }

    /** The head of a frame that announces a length. */
    public static Bytes head(int firstByte, boolean masked, long length) {
        int mask = masked ? MASKED : 0;
        if (length >= 0 && length < 126) {
            return Bytes.of(firstByte, mask | (int) length);
        }
        if (length >= 0 && length < 65_536) {
            return Bytes.of(firstByte, mask | 126).u16((int) length);
        }
        return Bytes.of(firstByte, mask | 127).u32(length >>> 32).u32(length);
    }

    /** The payload of the next frame. */
    public byte[] readFrame() throws IOException {
        peer.socket().setSoTimeout(5_000);
        InputStream in = peer.socket().getInputStream();
        if (in.read() < 0) {
            throw new IOException("closed");
        }
        int length = in.read() & 0x7F;
        if (length == 126) {
            length = (in.read() << 8) | in.read();
        }
        return in.readNBytes(length);
    }

    @Override
    public void close() {
        peer.close();
    }
}
