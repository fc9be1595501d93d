package io.sluice.remote;

import io.sluice.buffer.record.BufferException;
import java.time.Instant;
import java.util.Optional;

/**
 * How the connection to a broker's buffer is.
 *
 * @param connected whether it is there
 * @param since since when it is there, or away
 * @param lastError why it was lost, or could not be had again, the last time; empty if it never was
 */
public record ConnectionState(boolean connected, Instant since, long losses, Optional<String> lastError) {

    ConnectionState lost(BufferException why) {
        return new ConnectionState(false, Instant.now(), losses + 1, sentence(why));
    }

    ConnectionState stillAway(BufferException why) {
        return new ConnectionState(false, since, losses, sentence(why));
    }

    ConnectionState back() {
        return new ConnectionState(true, Instant.now(), losses, lastError);
    }

    /** For good: nobody tries again. */
    ConnectionState ended(BufferException why) {
        return new ConnectionState(false, Instant.now(), losses, sentence(why));
    }

    private static Optional<String> sentence(BufferException why) {
        return Optional.of(String.valueOf(why.getMessage()));
    }
}
