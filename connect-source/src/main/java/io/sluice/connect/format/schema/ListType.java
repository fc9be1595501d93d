package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/** Lists, whose elements are of one type. */
final class ListType extends JsonType {

    private final JsonType elements;

    ListType(JsonType elements, Shape shape) {
        super("a list", SchemaBuilder.array(elements.schema()), shape);
        this.elements = elements;
    }

    @Override
    Object read(JsonNode value, ReadingPlace place) throws UnmappableException {
        if (!value.isArray()) {
            throw place.mismatch(ReadingPlace.kind(value), expected());
        }
        List<@Nullable Object> list = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            place.enter(i);
            list.add(elements.readOrNull(value.get(i), place));
            place.leave();
        }
        return list;
    }
}
