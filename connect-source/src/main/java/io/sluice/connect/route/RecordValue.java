package io.sluice.connect.route;

import io.sluice.connect.format.HeaderWriter;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.format.ValueMaker;
import io.sluice.connect.format.ValueOptions;
import io.sluice.connect.format.ValueSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.data.SchemaAndValue;

/** The values of a route's records. Not thread-safe. */
public final class RecordValue {

    private final ValueFormat format;
    private final ValueMaker maker;
    private final List<NamedTemplate> metadata;
    private final boolean emptyIsNull;

    private boolean isMade;

    /**
     * @param metadata for formats that carry metadata, in the order of its names in the options
     * @param emptyIsNull whether an empty payload becomes no value at all
     */
    public RecordValue(ValueFormat format, ValueOptions options, List<NamedTemplate> metadata, boolean emptyIsNull) {
        this.format = format;
        this.emptyIsNull = emptyIsNull;
        this.metadata = List.copyOf(metadata);
        this.maker = format.maker(options);
    }

    public ValueFormat format() {
        return format;
    }

    /** The value for a message; the format may add headers. */
    SchemaAndValue of(MessageFields fields, Optional<SchemaAndValue> key, HeaderWriter headers)
            throws UnmappableException {
        isMade = false;
        boolean isNull = emptyIsNull && !fields.message().payload().hasRemaining();
        if (isNull && format.headers().isEmpty()) {
            return SchemaAndValue.NULL;
        }
        SchemaAndValue value = maker.value(
                new ValueSource(
                        fields.message(), fields.id(), text(key), rendered(fields), fields::json, fields.names()),
                headers);
        isMade = true;
        return isNull ? SchemaAndValue.NULL : value;
    }

    /**
     * The value that was made last becomes a record.
     *
     * @throws UnmappableException if what was learnt from its message cannot be kept
     */
    public void taken() throws UnmappableException {
        if (isMade) {
            maker.taken();
        }
    }

    private static Optional<String> text(Optional<SchemaAndValue> key) {
        return key.map(SchemaAndValue::value).filter(String.class::isInstance).map(String.class::cast);
    }

    private List<String> rendered(MessageFields fields) {
        if (metadata.isEmpty()) {
            return List.of();
        }
        List<String> rendered = new ArrayList<>(metadata.size());
        for (NamedTemplate piece : metadata) {
            rendered.add(piece.template().render(fields));
        }
        return rendered;
    }
}
