package io.sluice.connect.format;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/** What the value of a record is. */
public enum ValueFormat {
    /** The payload as it is. */
    BYTES {
        @Override
        public ValueMaker maker(EnvelopeNames names) {
            return (source, headers) -> new SchemaAndValue(
                    Schema.BYTES_SCHEMA, Payload.bytes(source.message().payload()));
        }
    },
    /** The payload as text, which must be UTF-8. */
    STRING {
        @Override
        public ValueMaker maker(EnvelopeNames names) {
            return (source, headers) -> new SchemaAndValue(
                    Schema.STRING_SCHEMA,
                    Payload.text(source.message().payload())
                            .orElseThrow(() -> new UnmappableException(
                                    "its payload is not UTF-8 text, which value.format=string asks for;"
                                            + " value.format=bytes takes any payload")));
        }
    };

    /** What makes values of this format for one route. */
    public abstract ValueMaker maker(EnvelopeNames names);
}
