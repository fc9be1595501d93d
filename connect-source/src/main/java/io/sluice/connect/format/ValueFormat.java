package io.sluice.connect.format;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;

/** The format of a record's value. */
public enum ValueFormat {
    BYTES(options -> (source, headers) -> new SchemaAndValue(
            Schema.BYTES_SCHEMA, Payload.bytes(source.message().payload()))),
    /** The payload as text, which must be UTF-8. */
    STRING(options -> (source, headers) -> new SchemaAndValue(
            Schema.STRING_SCHEMA,
            Payload.text(source.message().payload())
                    .orElseThrow(() ->
                            new UnmappableException("its payload is not UTF-8 text, which value.format=string requires;"
                                    + " value.format=bytes takes any payload")))),
    STRUCT(options -> new MessageStruct()),
    TBMQ(options -> new TbmqEnvelope(options.names())),
    /** What TBMQ sends if it is told to send the payload only: Base64 unless the payload is UTF-8 text. */
    TBMQ_PAYLOAD(options -> (source, headers) -> {
        ByteBuffer payload = source.message().payload();
        byte[] bytes = Payload.bytes(payload);
        return new SchemaAndValue(
                Schema.BYTES_SCHEMA,
                Payload.text(payload).isPresent() ? bytes : Base64.getEncoder().encode(bytes));
    }),
    ROBUSTMQ(options -> new RobustmqMessage()),
    ROBUSTMQ_RECORD(options -> new RobustmqRecord()),
    CLOUDEVENTS(options -> new CloudEventValue(options.names())),
    JSON(options -> options.learnt()
            .<ValueMaker>map(learnt -> new LearntJson(learnt, options.added()))
            .or(() -> options.schema().map(schema -> new TypedJson(schema, options.added())))
            .orElseGet(() -> new PlainJson(options.added()))),
    PROTOBUF(options -> new ProtobufValue(options.protobuf().orElseThrow(), options.added())),
    SPARKPLUG(options -> new SparkplugValue());

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final Function<ValueOptions, ValueMaker> maker;

    ValueFormat(Function<ValueOptions, ValueMaker> maker) {
        this.maker = maker;
    }

    /**
     * What makes values of this format for one route.
     *
     * @throws IllegalArgumentException if what the options add does not fit their schema
     */
    public ValueMaker maker(ValueOptions options) {
        return maker.apply(options);
    }

    /** Whether the values are bytes, for a converter that takes nothing else. */
    public boolean isBytes() {
        return this != STRING && this != STRUCT && this != SPARKPLUG && !hasFields();
    }

    public boolean carriesMetadata() {
        return this == TBMQ || hasFields();
    }

    /** Whether the values have the fields of the payload, so that a route may add others. */
    public boolean hasFields() {
        return this == JSON || this == PROTOBUF;
    }

    public Set<String> headers() {
        return this == CLOUDEVENTS ? CloudEventValue.HEADERS : Set.of();
    }
}
