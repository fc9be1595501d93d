package io.sluice.connect.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.json.JsonPayload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.jspecify.annotations.Nullable;

/**
 * A JSON payload as maps, lists, texts, truth values and numbers, without a schema. A whole number is an int64, one
 * with a fraction or an exponent the float64 that is nearest to it. One that is beyond these keeps its digits as text,
 * since it would be another number otherwise.
 */
record PlainJson(AddedFields added) implements ValueMaker {

    /** Converters nest a few more, and readers of JSON take 1,000. */
    private static final int MOST_LEVELS = 500;

    @Override
    public SchemaAndValue value(ValueSource source, HeaderWriter headers) throws UnmappableException {
        JsonNode root = source.root();
        if (root.isNull()) {
            throw new UnmappableException("its payload is null, which would make a record without value: only an empty"
                    + " payload makes one, with value.empty=null");
        }
        Object value = value(root, 0);
        if (!added.isEmpty()) {
            added.put(source, fields(value));
        }
        return new SchemaAndValue(null, value);
    }

    @SuppressWarnings("unchecked") // as it was made here
    private static Map<String, @Nullable Object> fields(@Nullable Object value) throws UnmappableException {
        if (!(value instanceof Map<?, ?>)) {
            throw new UnmappableException(
                    "its payload is not a JSON object, and value.include and metadata add fields only to an object");
        }
        return (Map<String, @Nullable Object>) value;
    }

    private static @Nullable Object value(JsonNode node, int level) throws UnmappableException {
        if (level > MOST_LEVELS) {
            throw new UnmappableException("its payload is JSON of more than " + MOST_LEVELS + " levels");
        }
        String number = JsonPayload.number(node);
        if (number != null) {
            return number(number);
        }
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Map<String, @Nullable Object> values = new LinkedHashMap<>();
                for (Map.Entry<String, JsonNode> field : node.properties()) {
                    values.put(JsonPayload.wellFormed(field.getKey()), value(field.getValue(), level + 1));
                }
                yield values;
            }
            case ARRAY -> {
                List<@Nullable Object> values = new ArrayList<>(node.size());
                for (JsonNode element : node) {
                    values.add(value(element, level + 1));
                }
                yield values;
            }
            case BOOLEAN -> node.booleanValue();
            case NULL -> null;
            default -> JsonPayload.wellFormed(node.textValue());
        };
    }

    private static Object number(String written) {
        if (JsonPayload.isWhole(written)) {
            Long whole = JsonPayload.int64(written);
            return whole == null ? written : whole;
        }
        double nearest = JsonPayload.fraction(written);
        return Double.isInfinite(nearest) && written.indexOf('I') < 0 ? written : (Object) nearest;
    }
}
