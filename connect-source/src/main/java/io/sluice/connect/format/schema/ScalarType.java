package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import java.util.function.Supplier;
import org.apache.kafka.connect.data.SchemaBuilder;

/** A type whose values have no parts. */
final class ScalarType extends JsonType {

    private final Kind kind;

    ScalarType(Kind kind, Shape shape) {
        super(kind.expected(), kind.begin().get(), shape);
        this.kind = kind;
    }

    /**
     * @param expected what it takes, in words
     * @param begin begins its schema
     * @param reader reads its values
     */
    record Kind(String expected, Supplier<SchemaBuilder> begin, Reader reader) {}

    /** Reads a value that is not null. */
    @FunctionalInterface
    interface Reader {

        /** The value; throws what {@code found} makes, if it is not of the type. */
        Object read(JsonNode value, Found found) throws UnmappableException;
    }

    @FunctionalInterface
    interface Found {
        UnmappableException instead(String found);
    }

    /** The same type in another shape. */
    ScalarType in(Shape other) {
        return new ScalarType(kind, other);
    }

    @Override
    Object read(JsonNode value, ReadingPlace place) throws UnmappableException {
        return kind.reader().read(value, found -> place.mismatch(found, expected()));
    }
}
