package io.sluice.buffer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a buffer is kept.
 *
 * @param dir the folder of a buffer on disk; empty for a buffer in memory
 * @param maxBytes size at which {@code overflow} decides, in bytes; at least two segments
 * @param overflow what happens to messages beyond that size
 * @param segmentBytes size of a segment, in bytes; a segment exceeds it only to hold one record that is larger
 * @param retention how long delivered messages are kept for replay; zero: until their segment is drained
 * @param consumerExpiry how long, of the time the buffer is open, a consumer that is not attached holds messages back;
 *     zero: for ever
 * @param acknowledgesUnattached whether publishers are told that their messages are safe also while no consumer is
 *     attached; if not, they wait until one is. Where somebody wants messages delivered, they wait in any case
 */
public record BufferConfig(
        Optional<Path> dir,
        long maxBytes,
        Overflow overflow,
        int segmentBytes,
        Duration retention,
        Duration consumerExpiry,
        boolean acknowledgesUnattached) {

    /** A buffer whose publishers wait while no consumer is attached. */
    public BufferConfig(
            Optional<Path> dir,
            long maxBytes,
            Overflow overflow,
            int segmentBytes,
            Duration retention,
            Duration consumerExpiry) {
        this(dir, maxBytes, overflow, segmentBytes, retention, consumerExpiry, false);
    }

    /** The same buffer, whose publishers wait while no consumer is attached, or do not. */
    public BufferConfig acknowledgingUnattached(boolean acknowledges) {
        return new BufferConfig(dir, maxBytes, overflow, segmentBytes, retention, consumerExpiry, acknowledges);
    }
}
