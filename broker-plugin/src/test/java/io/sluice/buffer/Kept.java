package io.sluice.buffer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where a test's buffer keeps its messages. */
public enum Kept {
    ON_DISK,
    IN_MEMORY;

    /** A small buffer, in a folder below one of the test's if it is on a disk. */
    public BufferConfig config(Path folder) {
        return config(folder, Overflow.BLOCK, 1 << 20, 4096);
    }

    public BufferConfig config(Path folder, Overflow overflow, long maxBytes, int segmentBytes) {
        return new BufferConfig(
                this == ON_DISK ? Optional.of(folder.resolve("buffer")) : Optional.empty(),
                maxBytes,
                overflow,
                segmentBytes,
                Duration.ZERO,
                Duration.ofDays(7));
    }
}
