package io.sluice.connect.format;

import org.apache.kafka.connect.data.SchemaAndValue;

/** Makes the values of one route's records. Not thread-safe. */
public interface ValueMaker {

    /**
     * The value of the record that a message becomes.
     *
     * @param headers where the format sets further headers
     * @throws UnmappableException if the message is not what this format asks for
     */
    SchemaAndValue value(ValueSource source, HeaderWriter headers) throws UnmappableException;

    /**
     * The value that was made last becomes a record: what was learnt from its message is kept.
     *
     * @throws UnmappableException if it cannot be kept
     */
    default void taken() throws UnmappableException {}
}
