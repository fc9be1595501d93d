package io.sluice.connect.format;

import io.sluice.connect.format.schema.PayloadSchema;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * The fields that a route adds to those of a payload: facts about the message, and texts of templates. Immutable.
 *
 * @param fields facts about the message
 * @param texts names of texts, which are the values of {@link ValueSource#metadata} in their order; an empty one is left out
 */
public record AddedFields(List<Named> fields, List<String> texts) {

    public static final AddedFields NONE = new AddedFields(List.of(), List.of());

    public AddedFields {
        fields = List.copyOf(fields);
        texts = List.copyOf(texts);
    }

    public record Named(String name, MessageField field) {}

    boolean isEmpty() {
        return fields.isEmpty() && texts.isEmpty();
    }

    /** @throws IllegalArgumentException if it has one of that name */
    void define(SchemaBuilder schema) {
        fields.forEach(
                named -> PayloadSchema.add(schema, named.name(), named.field().schema()));
        texts.forEach(name -> PayloadSchema.add(schema, name, Schema.OPTIONAL_STRING_SCHEMA));
    }

    void put(ValueSource source, Struct to) {
        for (Named named : fields) {
            to.put(named.name(), named.field().of(source));
        }
        for (int i = 0; i < texts.size(); i++) {
            if (!source.metadata().get(i).isEmpty()) {
                to.put(texts.get(i), source.metadata().get(i));
            }
        }
    }

    /** Also where the payload has a field of that name: devices must not be able to say that they are another one. */
    void put(ValueSource source, Map<String, @Nullable Object> to) {
        for (Named named : fields) {
            to.remove(named.name());
            Object value = named.field().plain(source);
            if (value != null) {
                to.put(named.name(), value);
            }
        }
        for (int i = 0; i < texts.size(); i++) {
            to.remove(texts.get(i));
            if (!source.metadata().get(i).isEmpty()) {
                to.put(texts.get(i), source.metadata().get(i));
            }
        }
    }
}
