package io.sluice.remote;

import io.sluice.buffer.record.BufferException;
import java.util.Optional;

/**
 * How the connection to a broker's buffer is.
 *
 * @param connected whether it is there
 * @param losses how often it was lost
 * @param lastError why it was lost, or could not be had again, the last time; empty if it never was
 */
public record ConnectionState(boolean connected, long losses, Optional<String> lastError) {

    /** It is lost, cannot be had again yet, or nobody tries again. */
    ConnectionState away(BufferException why) {
        return new ConnectionState(
                false, connected ? losses + 1 : losses, Optional.of(String.valueOf(why.getMessage())));
    }

    ConnectionState back() {
        return new ConnectionState(true, losses, lastError);
    }
}
