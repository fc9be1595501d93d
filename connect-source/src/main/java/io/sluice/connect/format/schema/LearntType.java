package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.connect.json.JsonPayload;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The types that a schema learns from values. */
enum LearntType {
    OBJECT("an object"),
    ARRAY("a list"),
    STRING("a string"),
    BOOLEAN("a boolean"),
    /** Whole, of 64 bits. */
    INTEGER("an int64"),
    NUMBER("a float64"),
    /** A type that was written into the schema by hand: it says more than is learnt here, and does not change. */
    FOREIGN("what was written by hand");

    /** What is learnt has none of these. */
    private static final List<String> FOREIGN_WORDS = List.of(
            "$ref",
            "oneOf",
            "anyOf",
            "enum",
            "const",
            "format",
            "contentEncoding",
            "connect.type",
            "additionalProperties");

    private final String expected;

    LearntType(String expected) {
        this.expected = expected;
    }

    String expected() {
        return expected;
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static LearntType of(ObjectNode schema) {
        String word = schema.path("type").asText();
        return Arrays.stream(values())
                .filter(type -> type.word().equals(word))
                .filter(type -> FOREIGN_WORDS.stream().noneMatch(schema::has))
                .filter(type -> type != OBJECT || schema.path("properties").isObject())
                .filter(type -> type != ARRAY || schema.path("items").isObject())
                .findFirst()
                .orElse(FOREIGN);
    }

    /**
     * The type of a value that is not null.
     *
     * @param before what values were that came before it; null: there was none
     */
    static LearntType of(JsonNode value, @Nullable LearntType before) {
        return switch (value.getNodeType()) {
            case OBJECT -> OBJECT;
            case ARRAY -> ARRAY;
            case STRING -> STRING;
            case BOOLEAN -> BOOLEAN;
            default -> before == NUMBER || !isLong(value) ? NUMBER : INTEGER;
        };
    }

    private static boolean isLong(JsonNode value) {
        return JsonPayload.int64(String.valueOf(JsonPayload.number(value))) != null;
    }

    boolean becomes(LearntType other) {
        return this == other || (this == INTEGER && other == NUMBER);
    }

    /** Whether nothing can be learnt from a value, since there is nothing in it. */
    static boolean saysNothing(JsonNode value) {
        return value.isNull() || (value.isContainerNode() && value.isEmpty());
    }
}
