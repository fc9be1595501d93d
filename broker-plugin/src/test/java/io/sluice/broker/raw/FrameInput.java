package io.sluice.broker.raw;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The bytes of binary messages that a WebSocket server sends, without their frames; a close is their end. */
final class FrameInput extends InputStream {

    private static final int CLOSE = 8;

    private final InputStream frames;
    private int left;

    FrameInput(InputStream frames) {
        this.frames = frames;
    }

    @Override
    public int read() throws IOException {
        while (left == 0) {
            int first = frames.read();
            if (first < 0 || (first & 0x0F) == CLOSE) {
                return -1;
            }
            int length = next();
            if (length == 126) {
                length = (next() << 8) | next();
            } else if (length == 127) {
                frames.skipNBytes(4);
                length = (next() << 24) | (next() << 16) | (next() << 8) | next();
            }
            if ((first & 0x0F) > CLOSE) {
                frames.skipNBytes(length);
            } else {
                left = length;
            }
        }
        left--;
        return next();
    }

    /** A read of many that waits for one only, as sockets do it. */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        int first = read();
        if (first < 0) {
            return -1;
        }
        into[offset] = (byte) first;
        return 1;
    }

    private int next() throws IOException {
        int next = frames.read();
        if (next < 0) {
            throw new EOFException("within a frame");
        }
        return next;
    }
}
