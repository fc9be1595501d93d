package io.sluice.tools.migrate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.tools.ConnectorFile;
import io.sluice.tools.ToolException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The fields of a JSON object, of which those that nobody asked for are a mistake. */
final class Fields {

    private static final JsonMapper JSON = new JsonMapper();

    private final String title;
    private final JsonNode object;
    private final Set<String> asked = new HashSet<>();

    Fields(String title, JsonNode object) {
        this.title = title;
        this.object = object;
        if (!object.isObject()) {
            throw mistake("is no JSON object");
        }
    }

    static Fields parse(String title, String text) {
        try {
            return new Fields(title, JSON.readTree(text));
        } catch (JsonProcessingException e) {
            throw ToolException.usage(title + " is no JSON: " + ConnectorFile.why(e) + ".", e);
        }
    }

    /** A field's value as text; empty if it is missing or null. */
    Optional<String> find(String field) {
        asked.add(field);
        JsonNode value = object.path(field);
        if (value.isContainerNode()) {
            throw mistake("has " + value + " for " + field + ", which is a single value");
        }
        return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value.asText());
    }

    /** A field that has to be there. */
    String get(String field) {
        return find(field).filter(value -> !value.isBlank()).orElseThrow(() -> mistake("lacks " + field));
    }

    /** A field that is an object or a list, and missing if it is neither. */
    JsonNode structure(String field) {
        asked.add(field);
        return object.path(field);
    }

    /** Nobody asks for more. */
    void end() {
        Set<String> unknown = new TreeSet<>();
        object.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(asked);
        if (!unknown.isEmpty()) {
            throw mistake("has " + String.join(", ", unknown) + ", which do not exist; it may have "
                    + String.join(", ", new TreeSet<>(asked)));
        }
    }

    ToolException mistake(String what) {
        return ToolException.usage(title + " " + what + ".");
    }
}
