package io.sluice.connect.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.cel.common.values.NullValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON payload as devices write it. It is UTF-8, as RFC 8259 says, with or without a byte order mark; no other
 * encoding is guessed. Beyond RFC 8259 it may have {@code NaN} and {@code Infinity}, a comma after the last element,
 * and zero bytes or white space at its end. Of names that repeat the last one counts. Numbers stay as they are written:
 * {@code 21.50} and {@code 1e3} keep their digits. What is not JSON has no value anywhere. Immutable and thread-safe.
 */
public final class JsonPayload {

    /** Does not remember names: devices may have ever new ones, and long ones. */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS, JsonReadFeature.ALLOW_TRAILING_COMMA)
            .build();

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final JsonNode root;

    private JsonPayload(JsonNode root) {
        this.root = root;
    }

    /** Parses a payload; never throws, whatever it is. */
    public static JsonPayload of(byte[] payload) {
        String text = text(payload);
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() == null) {
                return new JsonPayload(MissingNode.getInstance());
            }
            JsonNode root = node(parser);
            return new JsonPayload(parser.nextToken() == null ? root : MissingNode.getInstance());
        } catch (IOException e) {
            return new JsonPayload(MissingNode.getInstance());
        }
    }

    public static JsonPayload of(JsonNode part) {
        return new JsonPayload(part);
    }

    private static String text(byte[] payload) {
        int end = payload.length;
        while (end > 0 && payload[end - 1] == 0) {
            end--;
        }
        String text = new String(payload, 0, end, StandardCharsets.UTF_8);
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    /** The value at which a parser stands. Jackson bounds how deep it goes. */
    private static JsonNode node(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> NODES.textNode(parser.getText());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> NODES.rawValueNode(new RawValue(parser.getText()));
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            default -> NODES.nullNode();
        };
    }

    private static ObjectNode object(JsonParser parser) throws IOException {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            object.set(name, node(parser));
        }
        return object;
    }

    private static ArrayNode array(JsonParser parser) throws IOException {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(node(parser));
        }
        return array;
    }

    /** What a pointer finds: the text of a value, the JSON of an object or an array. */
    public Optional<String> at(JsonPointer pointer) {
        JsonNode found = root.at(pointer);
        if (found.isMissingNode() || found.isNull()) {
            return Optional.empty();
        }
        String number = number(found);
        if (number != null) {
            return Optional.of(number);
        }
        return Optional.of(wellFormed(found.isValueNode() ? found.asText() : found.toString()));
    }

    /** All of it, in which {@link #number} reads numbers; absent if it is no JSON. */
    public Optional<JsonNode> root() {
        return root.isMissingNode() ? Optional.empty() : Optional.of(root);
    }

    /** A number as it is written; null if a value is none. */
    public static @Nullable String number(JsonNode value) {
        return value instanceof POJONode node && node.getPojo() instanceof RawValue number
                ? String.valueOf(number.rawValue())
                : null;
    }

    /** All of it as maps, lists, texts, truth values and numbers; absent if it is no JSON. */
    public Optional<Object> values() {
        return root.isMissingNode() ? Optional.empty() : Optional.of(value(root));
    }

    private static Object value(JsonNode node) {
        if (node instanceof ObjectNode object) {
            Map<String, Object> values = new HashMap<>();
            object.properties().forEach(field -> values.put(field.getKey(), value(field.getValue())));
            return values;
        }
        if (node instanceof ArrayNode array) {
            List<Object> values = new ArrayList<>(array.size());
            array.forEach(item -> values.add(value(item)));
            return values;
        }
        String number = number(node);
        if (number != null) {
            Long whole = int64(number);
            return whole == null ? (Object) fraction(number) : whole;
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        return node.isNull() ? NullValue.NULL_VALUE : node.asText();
    }

    /** The whole number that is written; null if it has a fraction or an exponent, or more than 64 bits. */
    public static @Nullable Long int64(String written) {
        try {
            return isWhole(written) ? Long.parseLong(written) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** The number of 64 bits in binary that is nearest; infinite, if that is what is written, or if it is beyond all. */
    public static double fraction(String written) {
        return switch (written) {
            case "INF", "+INF", "+Infinity" -> Double.POSITIVE_INFINITY;
            case "-INF" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(written);
        };
    }

    /** Whether it has neither fraction nor exponent. To try it would cost an exception for every fraction. */
    public static boolean isWhole(String written) {
        for (int i = 0; i < written.length(); i++) {
            char c = written.charAt(i);
            if ((c < '0' || c > '9') && c != '-') {
                return false;
            }
        }
        return true;
    }

    /** Half of a surrogate pair, which JSON can write and UTF-8 cannot, becomes a question mark: no converter takes it. */
    public static String wellFormed(String text) {
        return text.chars().anyMatch(c -> Character.isSurrogate((char) c))
                ? new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
                : text;
    }
}
