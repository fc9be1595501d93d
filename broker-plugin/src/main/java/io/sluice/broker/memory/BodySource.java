package io.sluice.broker.memory;

import io.sluice.broker.memory.Change.Published;
import java.io.IOException;

/** Reads messages where the journal left them. Thread-safe. */
interface BodySource {

    /** Of a store that has no files. */
    BodySource NONE = (place, size) -> {
        throw new IOException("there is no file");
    };

    /**
     * The message at a place.
     *
     * @throws java.nio.channels.ClosedChannelException if the place was given up in the meantime: ask for the new one
     * @throws IOException if it cannot be read, or is not what was written
     */
    Published read(int place, int size) throws IOException;
}
