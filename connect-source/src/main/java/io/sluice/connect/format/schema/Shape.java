package io.sluice.connect.format.schema;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What a schema says of a value besides its type.
 *
 * @param nullable whether null is allowed
 * @param doc what its author says of it; null: nothing
 * @param byDefault what stands in for a value that is missing; null: nothing
 */
record Shape(
        boolean nullable, @Nullable String doc, @Nullable Object byDefault) {

    static final Shape PLAIN = new Shape(false, null, null);

    Shape nullable(boolean isNullable) {
        return new Shape(isNullable, doc, byDefault);
    }

    Shape doc(@Nullable String text) {
        return new Shape(nullable, text == null || text.isBlank() ? null : text, byDefault);
    }

    Shape byDefault(Object value) {
        return new Shape(nullable, doc, value);
    }

    Schema finish(SchemaBuilder begun) {
        if (nullable) {
            begun.optional();
        }
        if (doc != null) {
            begun.doc(doc);
        }
        if (byDefault != null) {
            begun.defaultValue(byDefault);
        }
        return begun.build();
    }
}
