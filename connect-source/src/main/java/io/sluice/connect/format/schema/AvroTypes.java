package io.sluice.connect.format.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.connect.format.schema.ScalarType.Kind;
import io.sluice.connect.json.JsonPayload;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.JsonProperties;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * Reads Avro schemas. JSON is read as devices write it, not as Avro encodes it: the value of a union stands without the
 * name of its branch. Serves one schema; not thread-safe.
 */
final class AvroTypes {

    private static final JsonMapper DEFAULTS = new JsonMapper();

    /** Records whose fields are being read. */
    private final Set<String> open = new HashSet<>();

    /** @throws IllegalArgumentException with what is wrong with it */
    JsonType type(String document) {
        return type(parsed(document), Shape.PLAIN);
    }

    private static Schema parsed(String document) {
        try {
            return new Schema.Parser().parse(document);
        } catch (AvroRuntimeException | NullPointerException e) { // the latter for names of types that there are not
            throw new IllegalArgumentException("it is no Avro schema: " + e.getMessage(), e);
        }
    }

    private JsonType type(Schema schema, Shape shape) {
        return switch (schema.getType()) {
            case UNION -> union(schema, shape);
            case RECORD -> record(schema, shape);
            case ARRAY -> new ListType(type(schema.getElementType(), Shape.PLAIN), shape);
            case MAP -> new MapType(type(schema.getValueType(), Shape.PLAIN), shape);
            case NULL ->
                throw new IllegalArgumentException("it has the type null alone, which no value has in Kafka Connect");
            default -> new ScalarType(scalar(schema), shape);
        };
    }

    private JsonType union(Schema union, Shape shape) {
        List<Schema> branches = union.getTypes().stream()
                .filter(branch -> branch.getType() != Schema.Type.NULL)
                .toList();
        if (branches.size() != 1) {
            throw new IllegalArgumentException("it has the union " + union
                    + ", and JSON does not say which branch a value is of: a union has null and one other type");
        }
        return type(branches.get(0), shape.nullable(union.getTypes().size() > 1));
    }

    private JsonType record(Schema record, Shape shape) {
        if (!open.add(record.getFullName())) {
            throw new IllegalArgumentException(
                    "the record " + record.getFullName() + " contains itself, which Kafka Connect has no schema for");
        }
        List<FieldType> fields = new ArrayList<>();
        for (Schema.Field field : record.getFields()) {
            JsonType type = type(field.schema(), Shape.PLAIN.doc(field.doc()));
            fields.add(
                    field.hasDefaultValue()
                            ? FieldType.of(field.name(), type, json(field.defaultVal()))
                            : FieldType.of(field.name(), type, !type.shape().nullable()));
        }
        open.remove(record.getFullName());
        return new StructType(record.getFullName(), fields, shape.doc() == null ? shape.doc(record.getDoc()) : shape);
    }

    private static JsonNode json(Object byDefault) {
        try {
            Object value = byDefault == JsonProperties.NULL_VALUE ? null : byDefault;
            return JsonPayload.of(DEFAULTS.writeValueAsBytes(value)).root().orElseThrow();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it has a default that cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    private static Kind scalar(Schema schema) {
        LogicalType logical = schema.getLogicalType();
        if (logical instanceof LogicalTypes.Decimal decimal) {
            return NumberTypes.decimal(decimal.getPrecision(), decimal.getScale());
        }
        return switch (logical == null ? "" : logical.getName()) {
            case "date" -> TimeTypes.DATE;
            case "time-millis" -> TimeTypes.TIME;
            case "timestamp-millis" -> TimeTypes.TIMESTAMP;
            case "", "uuid" -> plain(schema);
            default ->
                throw new IllegalArgumentException("it has the logical type " + logical.getName()
                        + ", which Kafka Connect lacks: it has decimal, date, time-millis and timestamp-millis");
        };
    }

    private static Kind plain(Schema schema) {
        return switch (schema.getType()) {
            case BOOLEAN -> TextTypes.BOOLEAN;
            case INT -> NumberTypes.INT32;
            case LONG -> NumberTypes.INT64;
            case FLOAT -> NumberTypes.FLOAT32;
            case DOUBLE -> NumberTypes.FLOAT64;
            case BYTES -> TextTypes.BYTES;
            case FIXED -> TextTypes.fixed(schema.getFixedSize());
            case ENUM -> TextTypes.oneOf(schema.getEnumSymbols());
            default -> TextTypes.STRING;
        };
    }
}
