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
 */
public record BufferConfig(
        Optional<Path> dir,
        long maxBytes,
        Overflow overflow,
        int segmentBytes,
        Duration retention,
        Duration consumerExpiry) {}
