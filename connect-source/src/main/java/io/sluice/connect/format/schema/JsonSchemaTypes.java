package io.sluice.connect.format.schema;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.schema.ScalarType.Kind;
import io.sluice.connect.json.JsonPayload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads JSON Schemas: what they say of types and names. Kafka Connect's types that they lack are named as the
 * converters for JSON Schema name them, by {@code connect.type}. What would make the type depend on the value is
 * refused; limits of values, such as {@code maximum}, are not looked at. Serves one schema; not thread-safe.
 */
final class JsonSchemaTypes {

    private static final List<String> DEPEND_ON_THE_VALUE = List.of(
            "allOf",
            "not",
            "if",
            "patternProperties",
            "prefixItems",
            "dependentSchemas",
            "$dynamicRef",
            "propertyNames");

    private static final String DECIMAL = "org.apache.kafka.connect.data.Decimal";

    private final JsonNode document;

    /** References that are being followed. */
    private final Set<String> open = new HashSet<>();

    JsonSchemaTypes(JsonNode document) {
        this.document = document;
    }

    /** @throws IllegalArgumentException with what is wrong with it */
    JsonType type() {
        return type(document, "Value", Shape.PLAIN);
    }

    /** @param name of objects that have no title */
    private JsonType type(JsonNode schema, String name, Shape outer) {
        Shape shape = outer.doc(text(schema, "description"));
        for (String keyword : DEPEND_ON_THE_VALUE) {
            if (schema.has(keyword)) {
                throw new IllegalArgumentException("it has " + keyword + " in " + name
                        + ", with which the type depends on the value: name one type");
            }
        }
        String reference = text(schema, "$ref");
        if (!reference.isEmpty()) {
            return referred(reference, name, shape);
        }
        JsonNode choice = schema.has("oneOf") ? schema.get("oneOf") : schema.get("anyOf");
        if (choice != null) {
            return chosen(choice, name, shape);
        }
        List<String> types = types(schema.get("type"));
        boolean nullable = types.contains("null");
        List<String> others =
                types.stream().filter(type -> !type.equals("null")).toList();
        if (others.size() > 1) {
            throw new IllegalArgumentException("it has the types " + String.join(", ", others) + " in " + name
                    + ": a value has one type, and null");
        }
        String type = others.isEmpty() ? implied(schema, name) : others.get(0);
        return of(type, schema, name, shape.nullable(shape.nullable() || nullable));
    }

    private JsonType referred(String reference, String name, Shape shape) {
        if (!reference.startsWith("#/") || !open.add(reference)) {
            throw new IllegalArgumentException("it refers to " + reference + " in " + name + ", "
                    + (reference.startsWith("#/")
                            ? "which contains itself: Kafka Connect has no schema for that"
                            : "outside the document: put it into its $defs"));
        }
        JsonNode target = document.at(JsonPointer.compile(reference.substring(1)));
        if (target.isMissingNode()) {
            throw new IllegalArgumentException("it refers to " + reference + " in " + name + ", and has no such part");
        }
        JsonType type = type(target, ConnectNames.valid(reference.substring(reference.lastIndexOf('/') + 1)), shape);
        open.remove(reference);
        return type;
    }

    private JsonType chosen(JsonNode choice, String name, Shape shape) {
        List<JsonNode> others = choice.valueStream()
                .filter(branch -> !text(branch, "type").equals("null"))
                .toList();
        if (others.size() != 1) {
            throw new IllegalArgumentException("it has a choice of " + others.size() + " types in " + name
                    + ": there may be null and one other type");
        }
        return type(others.get(0), name, shape.nullable(shape.nullable() || choice.size() > 1));
    }

    private static List<String> types(JsonNode types) {
        if (types == null) {
            return List.of();
        }
        return types.isArray() ? types.valueStream().map(JsonNode::asText).toList() : List.of(types.asText());
    }

    private static String implied(JsonNode schema, String name) {
        if (schema.has("properties")) {
            return "object";
        }
        JsonNode allowed = schema.has("const") ? schema.get("const") : schema.path("enum");
        if (allowed.isTextual()
                || (!allowed.isEmpty()
                        && allowed.valueStream().allMatch(value -> value.isTextual() || value.isNull()))) {
            return "string";
        }
        throw new IllegalArgumentException("it has no type in " + name);
    }

    private JsonType of(String type, JsonNode schema, String name, Shape shape) {
        return switch (type) {
            case "object" -> object(schema, name, shape);
            case "array" -> {
                JsonNode items = schema.get("items");
                if (items == null || !items.isObject()) {
                    throw new IllegalArgumentException("it has a list without items in " + name + ": name their type");
                }
                yield new ListType(type(items, name, Shape.PLAIN), shape);
            }
            case "boolean" -> new ScalarType(TextTypes.BOOLEAN, shape);
            case "integer", "number" -> new ScalarType(number(type, schema), shape);
            case "string" -> new ScalarType(string(schema), shape);
            default ->
                throw new IllegalArgumentException("it has the type " + type + " in " + name
                        + ": it is one of object, array, string, number, integer, boolean, null");
        };
    }

    private JsonType object(JsonNode schema, String name, Shape shape) {
        String title = text(schema, "title");
        String own = title.isEmpty() ? name : qualified(title);
        JsonNode properties = schema.get("properties");
        if (properties == null) {
            JsonNode values = schema.get("additionalProperties");
            if (values == null || !values.isObject()) {
                throw new IllegalArgumentException("it has an object without properties in " + name
                        + ": name them, or the type of its additionalProperties");
            }
            return new MapType(type(values, own, Shape.PLAIN), shape);
        }
        Set<String> required = new HashSet<>(types(schema.get("required")));
        List<FieldType> fields = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : properties.properties()) {
            String field = property.getKey();
            JsonNode byDefault = property.getValue().get("default");
            Shape optional = Shape.PLAIN.nullable(!required.contains(field) && byDefault == null);
            JsonType type = type(property.getValue(), own + "_" + ConnectNames.valid(field), optional);
            fields.add(
                    byDefault == null
                            ? FieldType.of(field, type, required.contains(field))
                            : FieldType.of(field, type, byDefault));
        }
        return new StructType(own, fields, shape);
    }

    private static Kind number(String type, JsonNode schema) {
        if (text(schema, "title").equals(DECIMAL)) {
            JsonNode parameters = schema.path("connect.parameters");
            return NumberTypes.decimal(digits(parameters, "connect.decimal.precision"), digits(parameters, "scale"));
        }
        String connectType = text(schema, "connect.type");
        return switch (connectType) {
            case "int8" -> NumberTypes.INT8;
            case "int16" -> NumberTypes.INT16;
            case "int32" -> NumberTypes.INT32;
            case "int64" -> NumberTypes.INT64;
            case "float32" -> NumberTypes.FLOAT32;
            case "float64" -> NumberTypes.FLOAT64;
            case "" -> type.equals("integer") ? NumberTypes.INT64 : NumberTypes.FLOAT64;
            default ->
                throw new IllegalArgumentException("it has the connect.type " + connectType
                        + " for a number: it is one of int8, int16, int32, int64, float32, float64");
        };
    }

    private static int digits(JsonNode parameters, String name) {
        JsonNode digits = parameters.path(name);
        String written = JsonPayload.number(digits);
        String text = written == null ? digits.asText("0") : written;
        if (!text.matches("\\d{1,3}")) {
            throw new IllegalArgumentException("it has a decimal whose " + name + " is " + text + ": it is 0 to 999");
        }
        return Integer.parseInt(text);
    }

    private static Kind string(JsonNode schema) {
        List<String> allowed = schema.has("const") ? types(schema.get("const")) : types(schema.get("enum"));
        if (!allowed.isEmpty()) {
            return TextTypes.oneOf(allowed);
        }
        if (text(schema, "contentEncoding").equals("base64")
                || text(schema, "connect.type").equals("bytes")) {
            return text(schema, "title").equals(DECIMAL) ? number("number", schema) : TextTypes.BYTES;
        }
        return switch (text(schema, "format")) {
            case "date-time" -> TimeTypes.TIMESTAMP;
            case "date" -> TimeTypes.DATE;
            case "time" -> TimeTypes.TIME;
            default -> TextTypes.STRING;
        };
    }

    private static String qualified(String title) {
        return Arrays.stream(title.split("\\.")).map(ConnectNames::valid).collect(Collectors.joining("."));
    }

    private static String text(JsonNode schema, String keyword) {
        return schema.path(keyword).asText("");
    }
}
