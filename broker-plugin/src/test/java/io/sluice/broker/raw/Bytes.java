package io.sluice.broker.raw;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Bytes of a packet, right or wrong: it knows how fields are written and checks nothing. */
public final class Bytes {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public static Bytes of(int... values) {
        return new Bytes().u8(values);
    }

    public Bytes u8(int... values) {
        for (int value : values) {
            out.write(value);
        }
        return this;
    }

    public Bytes u16(int value) {
        return u8(value >>> 8, value);
    }

    public Bytes u32(long value) {
        return u16((int) (value >>> 16)).u16((int) value);
    }

    /** A string with its length in front. */
    public Bytes text(String value) {
        return binary(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Binary data with its length in front. */
    public Bytes binary(byte... value) {
        return u16(value.length).raw(value);
    }

    public Bytes raw(byte... value) {
        out.writeBytes(value);
        return this;
    }

    public Bytes raw(Bytes other) {
        return raw(other.array());
    }

    /** A variable byte integer [MQTT-1.5.5]. */
    public Bytes varint(int value) {
        int rest = value;
        do {
            int digit = rest & 0x7F;
            rest >>>= 7;
            out.write(rest == 0 ? digit : digit | 0x80);
        } while (rest != 0);
        return this;
    }

    /** Properties with their length in front. */
    public Bytes properties(Bytes properties) {
        return varint(properties.size()).raw(properties);
    }

    public int size() {
        return out.size();
    }

    public byte[] array() {
        return out.toByteArray();
    }

    /** The packet of which this is all behind the remaining length. */
    public byte[] packet(int firstByte) {
        return of(firstByte).varint(size()).raw(this).array();
    }

    /** The same bytes several times. */
    public static byte[] repeated(byte[] bytes, int times) {
        byte[] all = new byte[bytes.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(bytes, 0, all, i * bytes.length, bytes.length);
        }
        return all;
    }
}
