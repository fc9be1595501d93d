package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import org.jspecify.annotations.Nullable;

/**
 * A field of objects.
 *
 * @param json its name in JSON
 * @param name its name in records
 * @param type its type
 * @param required whether objects that lack it do not fit; never, if it has a default
 * @param byDefault what stands in for it; null: nothing
 */
record FieldType(
        String json,
        String name,
        JsonType type,
        boolean required,
        @Nullable Object byDefault) {

    static FieldType of(String json, JsonType type, boolean required) {
        return new FieldType(json, ConnectNames.valid(json), type, required, null);
    }

    /** @throws IllegalArgumentException if the default is not of the type */
    static FieldType of(String json, JsonType type, JsonNode byDefault) {
        try {
            Object value = type.readOrNull(byDefault, new ReadingPlace(UnknownFields.REFUSE));
            // Converters know defaults of scalars only.
            JsonType shown = value != null && type instanceof ScalarType scalar
                    ? scalar.in(type.shape().byDefault(value))
                    : type;
            return new FieldType(json, ConnectNames.valid(json), shown, false, value);
        } catch (UnmappableException e) {
            throw new IllegalArgumentException(
                    "the default of the field " + json + " is " + ReadingPlace.kind(byDefault) + " and no "
                            + type.expected(),
                    e);
        }
    }
}
