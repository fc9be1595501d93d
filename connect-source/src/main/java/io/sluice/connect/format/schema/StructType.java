package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/** Objects whose fields the schema names. */
final class StructType extends JsonType {

    private final List<FieldType> fields;
    private final Set<String> known = new HashSet<>();

    /** @throws IllegalArgumentException if two fields have one name in records */
    StructType(String name, List<FieldType> fields, Shape shape) {
        super("an object", begin(name, fields), shape);
        this.fields = List.copyOf(fields);
        fields.forEach(field -> known.add(field.json()));
    }

    private static SchemaBuilder begin(String name, List<FieldType> fields) {
        SchemaBuilder schema = SchemaBuilder.struct().name(name);
        for (FieldType field : fields) {
            if (schema.field(field.name()) != null) {
                throw new IllegalArgumentException("the field " + field.json() + " would be called " + field.name()
                        + " in records, as another one of " + name + " is");
            }
            schema.field(field.name(), field.type().schema());
        }
        return schema;
    }

    @Override
    Object read(JsonNode value, ReadingPlace place) throws UnmappableException {
        Struct struct = new Struct(schema());
        fill(struct, value, place);
        return struct;
    }

    /** Reads an object into a struct whose schema begins with the fields of this type. */
    void fill(Struct struct, JsonNode value, ReadingPlace place) throws UnmappableException {
        if (!value.isObject()) {
            throw place.mismatch(ReadingPlace.kind(value), expected());
        }
        place.struct(fields.size());
        int found = 0;
        for (int i = 0; i < fields.size(); i++) {
            FieldType field = fields.get(i);
            JsonNode given = value.get(field.json());
            place.enter(field.json());
            if (given != null) {
                found++;
                struct.put(struct.schema().fields().get(i), field.type().readOrNull(given, place));
            } else if (field.byDefault() != null) {
                struct.put(struct.schema().fields().get(i), field.byDefault());
            } else if (field.required()) {
                throw place.mismatch("nothing", field.type().expected());
            }
            place.leave();
        }
        if (found < value.size()) {
            for (Map.Entry<String, JsonNode> field : value.properties()) {
                if (!known.contains(field.getKey())) {
                    place.unknown(field.getKey(), field.getValue());
                }
            }
        }
    }
}
