package io.sluice.connect.format.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connect.format.UnmappableException;
import io.sluice.connect.json.JsonPayload;
import io.sluice.message.LogText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where in a payload reading has come, so that what does not fit can be named, and what happens to fields that the
 * schema does not name. One for each payload; not thread-safe. Sentences name places and types, never values: they go
 * to the log of the worker.
 */
final class ReadingPlace {

    private static final int LONGEST_NAME = 100;

    /** In characters, of one payload. */
    private static final int MOST_KEPT = 16 << 20;

    private final UnknownFields unknown;
    private final List<Object> path = new ArrayList<>();
    private final Map<String, String> kept = new LinkedHashMap<>();
    private long keptCharacters;
    private final StructMemory structs = new StructMemory();

    ReadingPlace(UnknownFields unknown) {
        this.unknown = unknown;
    }

    void struct(int fields) throws UnmappableException {
        structs.take(fields);
    }

    void enter(Object nameOrIndex) {
        path.add(nameOrIndex);
    }

    void leave() {
        path.remove(path.size() - 1);
    }

    /**
     * What is here does not fit.
     *
     * @param found what is here, such as {@code a text}
     * @param expected what would fit, such as {@code an int64}
     */
    UnmappableException mismatch(String found, String expected) {
        String where = path.isEmpty() ? "its payload is " + found : "its payload has " + found + " at " + shown();
        return new UnmappableException(where + ", where value.schema has " + expected);
    }

    /** Here is a field that a learnt schema does not take. */
    UnmappableException notLearnt(String why) {
        return new UnmappableException(
                "its payload has a field at " + shown() + " that value.schema=infer does not learn: " + why);
    }

    int depth() {
        return path.size();
    }

    /** The names on the way here, without the places in lists. */
    List<String> names() {
        return path.stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    void unknown(String name, JsonNode value) throws UnmappableException {
        if (unknown == UnknownFields.DROP) {
            return;
        }
        enter(name);
        if (unknown == UnknownFields.REFUSE) {
            throw new UnmappableException("its payload has a field at " + shown()
                    + " that value.schema does not name, which value.schema.unknown=refuse refuses");
        }
        String pointer = JsonPayload.wellFormed(pointer(Integer.MAX_VALUE));
        String json = JsonPayload.wellFormed(value.toString());
        keptCharacters += pointer.length() + json.length();
        if (keptCharacters > MOST_KEPT) {
            throw new UnmappableException(
                    "its payload has more fields that value.schema does not name than value.schema.unknown=keep can"
                            + " keep");
        }
        kept.put(pointer, json);
        leave();
    }

    Map<String, String> kept() {
        return kept;
    }

    /** For a log line: devices choose the names. */
    private String shown() {
        return LogText.visible(pointer(LONGEST_NAME));
    }

    private String pointer(int longestName) {
        StringBuilder pointer = new StringBuilder();
        for (Object step : path) {
            String name = step.toString();
            pointer.append('/')
                    .append((name.length() <= longestName ? name : name.substring(0, longestName) + "…")
                            .replace("~", "~0")
                            .replace("/", "~1"));
        }
        return pointer.toString();
    }

    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> "a text";
            case BOOLEAN -> "a truth value";
            case NULL -> "null";
            default -> "a number";
        };
    }
}
