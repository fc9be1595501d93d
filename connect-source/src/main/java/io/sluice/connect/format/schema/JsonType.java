package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;

/** A type of values: what Kafka Connect calls it, and how a value is read from JSON. Immutable and thread-safe. */
abstract class JsonType {

    private final Schema schema;
    private final Shape shape;

    JsonType(Schema schema, Shape shape) {
        this.schema = schema;
        this.shape = shape;
    }

    final Schema schema() {
        return schema;
    }

    final Shape shape() {
        return shape;
    }

    /** What it takes, in words. */
    abstract String expected();

    /**
     * Reads a value that is not null.
     *
     * @throws UnmappableException if it is not of this type
     */
    abstract Object read(JsonNode value, ReadingPlace place) throws UnmappableException;

    /** Reads a value that may be null. */
    final @Nullable Object readOrNull(JsonNode value, ReadingPlace place) throws UnmappableException {
        if (!value.isNull()) {
            return read(value, place);
        }
        if (!shape.nullable()) {
            throw place.mismatch("null", expected());
        }
        return null;
    }
}
