package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.format.schema.ScalarType.Found;
import io.sluice.connect.format.schema.ScalarType.Kind;
import io.sluice.connect.json.JsonPayload;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.apache.kafka.connect.data.SchemaBuilder;

/** Truth values, texts, and bytes, which JSON has in base64. */
final class TextTypes {

    static final Kind BOOLEAN = new Kind("a boolean", SchemaBuilder::bool, (value, found) -> {
        if (!value.isBoolean()) {
            throw found.instead(ReadingPlace.kind(value));
        }
        return value.booleanValue();
    });
    static final Kind STRING = new Kind("a string", SchemaBuilder::string, TextTypes::text);
    static final Kind BYTES = new Kind("bytes in base64", SchemaBuilder::bytes, TextTypes::bytes);

    private TextTypes() {}

    static Kind fixed(int size) {
        return new Kind(size + " bytes in base64", SchemaBuilder::bytes, (value, found) -> {
            byte[] bytes = bytes(value, found);
            if (bytes.length != size) {
                throw found.instead(bytes.length + " bytes");
            }
            return bytes;
        });
    }

    static Kind oneOf(List<String> texts) {
        Set<String> allowed = Set.copyOf(texts);
        return new Kind("one of " + String.join(", ", texts), SchemaBuilder::string, (value, found) -> {
            String text = text(value, found);
            if (!allowed.contains(text)) {
                throw found.instead("another text");
            }
            return text;
        });
    }

    static String text(JsonNode value, Found found) throws UnmappableException {
        if (!value.isTextual()) {
            throw found.instead(ReadingPlace.kind(value));
        }
        return JsonPayload.wellFormed(value.textValue());
    }

    private static byte[] bytes(JsonNode value, Found found) throws UnmappableException {
        try {
            return Base64.getDecoder().decode(text(value, found));
        } catch (IllegalArgumentException e) {
            throw found.instead("a text that is no base64");
        }
    }
}
