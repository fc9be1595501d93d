package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/** A type of values: what Kafka Connect calls it, and how a value is read from JSON. Immutable and thread-safe. */
abstract class JsonType {

    private final String expected;
    private final Schema schema;
    private final Shape shape;

    /**
     * @param expected what it takes, in words
     * @param begun its schema, but for the shape
     */
    JsonType(String expected, SchemaBuilder begun, Shape shape) {
        this.expected = expected;
        this.schema = shape.finish(begun);
        this.shape = shape;
    }

    final String expected() {
        return expected;
    }

    final Schema schema() {
        return schema;
    }

    final Shape shape() {
        return shape;
    }

    /**
     * Reads a value that is not null.
     *
     * @throws UnmappableException if it is not of this type
     */
    abstract Object read(JsonNode value, ReadingPlace place) throws UnmappableException;

    final @Nullable Object readOrNull(JsonNode value, ReadingPlace place) throws UnmappableException {
        if (!value.isNull()) {
            return read(value, place);
        }
        if (!shape.nullable()) {
            throw place.mismatch("null", expected);
        }
        return null;
    }
}
