package io.sluice.buffer.record;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Texts as they lie on the disk, in UTF-8. */
public final class StoredText {

    static final int MAX_UTF8_PER_CHAR = 3;

    private static final int MAX_RECORD_BYTES = 65_535;

    private StoredText() {}

    /**
     * Refuses a text that no record can hold.
     *
     * @throws BufferException if it is longer than MQTT allows (section 1.5.4)
     */
    public static void requireStorable(String what, String text) {
        if (text.length() > MAX_RECORD_BYTES / MAX_UTF8_PER_CHAR
                && text.getBytes(StandardCharsets.UTF_8).length > MAX_RECORD_BYTES) {
            throw new BufferException(
                    "a " + what + " of more than 65,535 bytes cannot be stored: " + text.substring(0, 40) + "…");
        }
    }

    /** The text that lies at an index, so many bytes long. */
    public static String of(ByteBuffer in, int at, int length) {
        byte[] bytes = new byte[length];
        in.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Writes a text into a checkpoint: its length in four bytes, then its bytes. */
    public static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    public static String read(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }
}
