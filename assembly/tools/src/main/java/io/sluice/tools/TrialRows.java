package io.sluice.tools;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.connect.route.RoutedRecord;
import org.jspecify.annotations.Nullable;

/** What routes made of a message, as JSON: {@code result} is {@code record}, {@code dead letter} or {@code left out}. */
public final class TrialRows {

    private static final JsonMapper JSON = new JsonMapper();

    private TrialRows() {}

    public static ObjectNode row(String connector, RouteTrial.Made made) {
        ObjectNode row = JSON.createObjectNode().put("connector", connector).put("route", made.route());
        String failed = made.record().isEmpty() ? "left out" : "dead letter";
        row.put("result", made.reason().isEmpty() ? "record" : failed);
        made.reason().ifPresent(reason -> row.put("reason", reason));
        made.record().ifPresent(record -> put(row, record));
        return row;
    }

    private static void put(ObjectNode row, RoutedRecord record) {
        row.put("topic", record.topic());
        record.partition().ifPresent(partition -> row.put("partition", partition));
        record.key().ifPresentOrElse(key -> put(row, "key", key.value()), () -> row.putNull("key"));
        put(row, "value", record.value().value());
        ArrayNode headers = row.putArray("headers");
        record.headers().forEach(header -> put(headers.addObject().put("name", header.key()), "value", header.value()));
    }

    private static void put(ObjectNode json, String field, @Nullable Object value) {
        if (value instanceof byte[] bytes) {
            Payloads.put(json, field, bytes);
        } else {
            json.put(field, value == null ? null : value.toString());
        }
    }
}
