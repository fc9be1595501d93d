package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.json.JsonPayload;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/** Objects whose field names devices choose, and whose values are of one type. */
final class MapType extends JsonType {

    private final JsonType values;

    MapType(JsonType values, Shape shape) {
        super("an object", SchemaBuilder.map(Schema.STRING_SCHEMA, values.schema()), shape);
        this.values = values;
    }

    @Override
    Object read(JsonNode value, ReadingPlace place) throws UnmappableException {
        if (!value.isObject()) {
            throw place.mismatch(ReadingPlace.kind(value), expected());
        }
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            place.enter(field.getKey());
            map.put(JsonPayload.wellFormed(field.getKey()), values.readOrNull(field.getValue(), place));
            place.leave();
        }
        return map;
    }
}
