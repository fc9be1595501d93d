package io.sluice.connect.format.schema;

import io.sluice.connect.format.UnmappableException;

/**
 * Counts the structs of one payload, and refuses a payload whose structs would take far more memory than itself: an object
 * of two bytes becomes a struct with a place for each field of its schema. Not thread-safe.
 */
final class StructMemory {

    /** Of all structs of a payload. */
    private static final long MOST_BYTES = 32L << 20;

    /** What a struct takes, with what it is read from. */
    private static final int STRUCT = 100;

    private static final int FIELD = 8;

    private long bytes;

    void take(int fields) throws UnmappableException {
        bytes += STRUCT + (long) FIELD * fields;
        if (bytes > MOST_BYTES) {
            throw new UnmappableException(
                    "its payload has so many objects, each with a place for every field of its schema, that they would"
                            + " take more than 32 MiB of memory");
        }
    }
}
