package io.sluice.connect.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.schema.PayloadSchema;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** A JSON payload as its schema says. */
final class TypedJson implements ValueMaker {

    private final PayloadSchema schema;
    private final AddedFields added;

    /** Of records that have fields besides those of the payload; null: they have none. */
    private final @Nullable Schema withAdded;

    /** @throws IllegalArgumentException if what is added does not fit the schema */
    TypedJson(PayloadSchema schema, AddedFields added) {
        this.schema = schema;
        this.added = added;
        this.withAdded = added.isEmpty() && !schema.keepsUnknown() ? null : schema.with(added::define);
    }

    @Override
    public SchemaAndValue value(ValueSource source, HeaderWriter headers) throws UnmappableException {
        JsonNode root = source.root();
        if (withAdded == null) {
            return schema.read(root);
        }
        Struct struct = schema.read(root, withAdded);
        added.put(source, struct);
        return new SchemaAndValue(withAdded, struct);
    }
}
