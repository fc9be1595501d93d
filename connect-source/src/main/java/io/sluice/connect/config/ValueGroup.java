package io.sluice.connect.config;

import io.sluice.connect.format.ValueFormat;
import io.sluice.connect.route.RecordValue;
import java.util.List;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** The values of a route's records; a part of {@link RouteGroup}, which says where its keys begin. */
final class ValueGroup {

    static final String VALUE_FORMAT = "value.format";

    private static final String VALUE_FORMAT_DOC =
            "What the record value is. `bytes`: the payload (use ByteArrayConverter). `string`: the payload as text,"
                    + " which must be UTF-8 (use StringConverter).";

    private static final Choice<ValueFormat> FORMATS = Choice.of(ValueFormat.class, '-');

    static final List<String> INHERITED = List.of(VALUE_FORMAT);

    private final AbstractConfig values;
    private final String prefix;

    ValueGroup(AbstractConfig values, String prefix) {
        this.values = values;
        this.prefix = prefix;
    }

    static void define(Keys keys, String prefix) {
        keys.define(
                prefix + VALUE_FORMAT,
                ConfigDef.Type.STRING,
                FORMATS.word(ValueFormat.BYTES),
                FORMATS,
                Importance.HIGH,
                VALUE_FORMAT_DOC,
                "Format");
    }

    RecordValue value(String connector, String broker) {
        return new RecordValue(FORMATS.constant(values.getString(prefix + VALUE_FORMAT)), connector, broker, List.of());
    }
}
