package io.sluice.connect.format;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Takes the bytes out of a message's buffers. */
public final class Payload {

    private Payload() {}

    /**
     * The remaining bytes of a buffer, which stays as it is. Not copied if the buffer is exactly one array, which a
     * message that was read from a log owns.
     */
    public static byte[] bytes(ByteBuffer buffer) {
        if (buffer.hasArray() && buffer.arrayOffset() == 0 && buffer.position() == 0) {
            byte[] array = buffer.array();
            if (array.length == buffer.limit()) {
                return array;
            }
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    /** The remaining bytes as text; absent if they are not UTF-8. */
    public static Optional<String> text(ByteBuffer buffer) {
        try {
            // A separate decoder reports malformed bytes; String would replace them, which loses data.
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(buffer.duplicate())
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
