package io.sluice.connect.route;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/** Keys with several fields, each of them the text of a template. Immutable and thread-safe. */
public final class KeyStruct {

    private static final String NAME = "io.sluice.mqtt.Key";

    private final List<NamedTemplate> fields;
    private final Schema schema;

    /** Keys with fields, at least one, in their order. */
    public KeyStruct(List<NamedTemplate> fields) {
        this.fields = List.copyOf(fields);
        SchemaBuilder begun = SchemaBuilder.struct().name(NAME);
        fields.forEach(field -> begun.field(field.name(), Schema.OPTIONAL_STRING_SCHEMA));
        this.schema = begun.build();
    }

    /** The key of a message; a field whose text is empty is null. Absent if all of them are. */
    Optional<SchemaAndValue> of(MessageFields message) {
        Struct key = new Struct(schema);
        boolean any = false;
        for (NamedTemplate field : fields) {
            String text = field.template().render(message);
            if (!text.isEmpty()) {
                key.put(field.name(), text);
                any = true;
            }
        }
        return any ? Optional.of(new SchemaAndValue(schema, key)) : Optional.empty();
    }

    /** The first field for which a message lacks anything that its template asks for. */
    Optional<NamedTemplate> lacking(MessageFields message) {
        return fields.stream()
                .filter(field -> field.template().renderAll(message).orElse("").isEmpty())
                .findFirst();
    }
}
