package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.json.JsonPayload;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/**
 * The schema of JSON payloads, as an Avro schema or a JSON Schema says it. A document that has {@code $schema}, or the
 * type {@code object}, is a JSON Schema; any other is Avro's. Immutable and thread-safe.
 */
public final class PayloadSchema {

    /** The field that keeps what the schema does not name: JSON, by the JSON pointer that finds it in the payload. */
    public static final String UNKNOWN = "unknown_fields";

    private static final Schema KEPT = SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.STRING_SCHEMA)
            .optional()
            .doc("What the schema does not name: JSON, by JSON pointer.")
            .build();

    private final JsonType root;
    private final UnknownFields unknown;

    private PayloadSchema(JsonType root, UnknownFields unknown) {
        this.root = root;
        this.unknown = unknown;
    }

    /**
     * Reads a schema.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong with it
     */
    public static PayloadSchema of(String document, UnknownFields unknown) {
        JsonNode json = JsonPayload.of(document.getBytes(StandardCharsets.UTF_8))
                .root()
                .orElseThrow(() -> new IllegalArgumentException("it is no JSON"));
        boolean isJsonSchema =
                json.has("$schema") || json.path("type").asText("").equals("object");
        return new PayloadSchema(
                isJsonSchema ? new JsonSchemaTypes(json).type() : new AvroTypes().type(document), unknown);
    }

    /**
     * The schema of records that have fields besides those of the payload.
     *
     * @param others adds them
     * @throws IllegalArgumentException if the payload is no object, or has a field of that name
     */
    public Schema with(Consumer<SchemaBuilder> others) {
        if (!(root instanceof StructType)) {
            throw new IllegalArgumentException(
                    "it does not describe an object, and fields can be added only to an object");
        }
        return extend(root.schema(), all -> {
            others.accept(all);
            if (unknown == UnknownFields.KEEP) {
                add(all, UNKNOWN, KEPT);
            }
        });
    }

    /**
     * A schema of structs that begins with the fields of another one.
     *
     * @param others adds the rest
     */
    public static Schema extend(Schema struct, Consumer<SchemaBuilder> others) {
        SchemaBuilder all = SchemaBuilder.struct().name(struct.name());
        if (struct.doc() != null) {
            all.doc(struct.doc());
        }
        for (Field field : struct.fields()) {
            all.field(field.name(), field.schema());
        }
        others.accept(all);
        return all.build();
    }

    /**
     * Adds a field.
     *
     * @throws IllegalArgumentException if there is one of that name
     */
    public static void add(SchemaBuilder to, String name, Schema schema) {
        if (to.field(name) != null) {
            throw new IllegalArgumentException(
                    "the field " + name + " would be added to the value, which has one of that name already");
        }
        to.field(name, schema);
    }

    /** Whether it has a list or a map, at any depth, of values that may be null. */
    public boolean hasNullableElements() {
        return hasNullableElements(root.schema());
    }

    private static boolean hasNullableElements(Schema schema) {
        return switch (schema.type()) {
            case ARRAY, MAP -> schema.valueSchema().isOptional() || hasNullableElements(schema.valueSchema());
            case STRUCT -> schema.fields().stream().anyMatch(field -> hasNullableElements(field.schema()));
            default -> false;
        };
    }

    public boolean keepsUnknown() {
        return unknown == UnknownFields.KEEP;
    }

    /**
     * The value of a payload.
     *
     * @throws UnmappableException if it does not fit
     */
    public SchemaAndValue read(JsonNode payload) throws UnmappableException {
        ReadingPlace place = new ReadingPlace(unknown);
        if (payload.isNull()) {
            throw place.mismatch("null", root.expected());
        }
        return new SchemaAndValue(root.schema(), root.read(payload, place));
    }

    /**
     * Reads a payload into a struct that has fields besides.
     *
     * @param schema as {@link #with} made it
     * @throws UnmappableException if it does not fit
     */
    public Struct read(JsonNode payload, Schema schema) throws UnmappableException {
        ReadingPlace place = new ReadingPlace(unknown);
        Struct struct = new Struct(schema);
        ((StructType) root).fill(struct, payload, place);
        Map<String, String> kept = place.kept();
        if (!kept.isEmpty()) {
            struct.put(UNKNOWN, kept);
        }
        return struct;
    }
}
