package io.sluice.connect.format;

import io.sluice.connect.format.schema.LearntSchema;
import io.sluice.connect.format.schema.PayloadSchema;
import org.apache.kafka.connect.data.SchemaAndValue;

/** A JSON payload by a schema that is learnt from payloads. */
final class LearntJson implements ValueMaker {

    private final LearntSchema learnt;
    private final AddedFields added;
    private PayloadSchema schema;
    private TypedJson typed;

    /** @throws IllegalArgumentException if what is added does not fit what was learnt before */
    LearntJson(LearntSchema learnt, AddedFields added) {
        this.learnt = learnt;
        this.added = added;
        this.schema = learnt.schema();
        this.typed = new TypedJson(schema, added);
    }

    @Override
    public SchemaAndValue value(ValueSource source, HeaderWriter headers) throws UnmappableException {
        PayloadSchema now = learnt.with(source.root());
        if (now != schema) {
            typed = new TypedJson(now, added);
            schema = now;
        }
        return typed.value(source, headers);
    }

    @Override
    public void taken() throws UnmappableException {
        learnt.keep();
    }
}
