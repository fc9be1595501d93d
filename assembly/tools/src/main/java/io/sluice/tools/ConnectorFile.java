package io.sluice.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Connectors in a file: JSON as it is posted to a worker (<code>{"name": …, "config": {…}}</code>), JSON of the settings
 * alone with the name among them, an array of either, the same as YAML with any number of documents, or properties as a
 * standalone worker reads them.
 *
 * @param name the file's name, which tells the format by its end: {@code .yaml}, {@code .yml}, {@code .properties}, and
 *     JSON in all other cases
 */
public record ConnectorFile(String name, String text) {

    private static final ObjectReader JSON = new JsonMapper().readerFor(JsonNode.class);

    /**
     * The connectors.
     *
     * @throws ToolException if the file is not understood, has no connector, or lacks the value of a variable
     */
    public List<Connector> connectors(Variables variables) {
        List<Connector> connectors = new ArrayList<>();
        for (JsonNode document : documents()) {
            for (JsonNode each : document.isArray() ? document : List.of(document)) {
                connectors.add(connector(each, variables));
            }
        }
        if (connectors.isEmpty()) {
            throw mistake("has no connector");
        }
        return connectors;
    }

    private List<JsonNode> documents() {
        try {
            if (name.endsWith(".properties")) {
                return List.of(new JsonMapper().valueToTree(Settings.properties(new StringReader(text))));
            }
            ObjectReader reader =
                    name.endsWith(".yaml") || name.endsWith(".yml") ? new YAMLMapper().readerFor(JsonNode.class) : JSON;
            try (MappingIterator<JsonNode> documents = reader.readValues(text)) {
                return documents.readAll();
            }
        } catch (JsonProcessingException e) {
            throw mistake(why(e));
        } catch (IOException | IllegalArgumentException e) {
            throw mistake("cannot be read, " + e);
        }
    }

    /** Where a text is not what it is to be, and why, without what Jackson says of itself. */
    public static String why(JsonProcessingException e) {
        return Optional.ofNullable(e.getLocation())
                        .map(place -> "line " + place.getLineNr() + ": ")
                        .orElse("")
                + e.getOriginalMessage().replaceAll("\\[Source: [^;]*; ([^]]*)]", "$1");
    }

    private Connector connector(JsonNode document, Variables variables) {
        if (!document.isObject()) {
            throw mistake(
                    "has " + document.getNodeType() + " where a connector should be, an object with name and config");
        }
        JsonNode settings = document.path("config").isObject() ? document.path("config") : document;
        JsonNode named = document.hasNonNull("name") ? document.path("name") : settings.path("name");
        if (!named.isTextual()) {
            throw mistake("has a connector without a name; give it one, \"name\": \"…\"");
        }
        Map<String, String> config = new TreeMap<>();
        for (Map.Entry<String, JsonNode> setting : settings.properties()) {
            config.put(setting.getKey(), value(setting.getKey(), setting.getValue(), variables));
        }
        return new Connector(variables.replaceIn(named.asText(), name + ", name"), config);
    }

    private String value(String key, JsonNode value, Variables variables) {
        if (!value.isValueNode() || value.isNull()) {
            Object shown = Secrets.isSecret(key) ? value.getNodeType() : value;
            throw mistake("has " + shown + " for " + key + "; the values of a connector are texts");
        }
        if (value.asText().contains(Secrets.MASK)) {
            throw mistake("has " + Secrets.MASK + " for " + key
                    + ", which stands where a secret was; write the secret, %{NAME}, or a reference such as ${file:…}");
        }
        return variables.replaceIn(value.asText(), name + ", " + key);
    }

    private ToolException mistake(String what) {
        return ToolException.usage(name + ": " + what);
    }
}
