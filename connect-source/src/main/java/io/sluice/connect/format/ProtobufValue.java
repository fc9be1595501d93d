package io.sluice.connect.format;

import io.sluice.connect.format.schema.PayloadSchema;
import io.sluice.connect.format.schema.ProtobufSchema;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;

/** A Protobuf payload as its descriptor says. */
final class ProtobufValue implements ValueMaker {

    private final ProtobufSchema payload;
    private final AddedFields added;
    private final Schema schema;

    /** @throws IllegalArgumentException if the payload has a field of a name that is added */
    ProtobufValue(ProtobufSchema payload, AddedFields added) {
        this.payload = payload;
        this.added = added;
        this.schema = added.isEmpty() ? payload.schema() : PayloadSchema.extend(payload.schema(), added::define);
    }

    @Override
    public SchemaAndValue value(ValueSource source, HeaderWriter headers) throws UnmappableException {
        Struct struct = payload.read(source.message().payload(), schema);
        added.put(source, struct);
        return new SchemaAndValue(schema, struct);
    }
}
