package io.sluice.tools.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.sluice.tools.Connector;
import io.sluice.tools.Secrets;
import io.sluice.tools.ToolException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * What somebody needs who is to help, in one file. Secret settings are masked, and so is wherever else their values stand,
 * such as in the trace of a task that has failed.
 */
public final class Bundle {

    private static final JsonMapper JSON = new JsonMapper();

    /** Shorter values may be a word like any other. */
    private static final int SHORTEST_SECRET = 4;

    private final Map<String, JsonNode> files = new LinkedHashMap<>();
    private final TreeSet<String> secrets =
            new TreeSet<>(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    /** Puts something in, under a name without an ending. */
    public void add(String name, JsonNode data) {
        files.put(name, data);
    }

    public void add(Connector connector) {
        ObjectNode settings = JSON.createObjectNode();
        connector.config().forEach((key, value) -> {
            String shown = Secrets.shown(key, value);
            settings.put(key, shown);
            if (!shown.equals(value) && value.length() >= SHORTEST_SECRET) {
                secrets.add(value);
            }
        });
        add("connectors/" + fileName(connector.name()) + "/config", settings);
    }

    /** A connector's name as that of a folder, which no other connector has. */
    public static String fileName(String connector) {
        return URLEncoder.encode(connector, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replaceAll("^\\.", "%2E");
    }

    /**
     * Writes the file, which only its owner can read where the system knows owners.
     *
     * @throws ToolException if there is one already, or it cannot be written
     */
    public void write(Path zip) {
        try {
            Path file = Files.createFile(zip.toAbsolutePath());
            file.toFile().setReadable(false, false);
            file.toFile().setReadable(true, true);
            file.toFile().setWritable(false, false);
            file.toFile().setWritable(true, true);
            try (ZipOutputStream out = new ZipOutputStream(
                    Files.newOutputStream(file, StandardOpenOption.WRITE), StandardCharsets.UTF_8)) {
                for (Map.Entry<String, JsonNode> each : files.entrySet()) {
                    out.putNextEntry(new ZipEntry(each.getKey() + ".json"));
                    out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(masked(each.getValue())));
                    out.closeEntry();
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw ToolException.usage("There is a file " + zip + " already; name another one.", e);
        } catch (IOException e) {
            throw ToolException.failed(zip + " cannot be written: " + e + ".", e);
        }
    }

    private JsonNode masked(JsonNode data) {
        if (data.isTextual()) {
            String text = data.asText();
            for (String secret : secrets) {
                text = text.replace(secret, Secrets.MASK);
            }
            return TextNode.valueOf(Secrets.shown("", text));
        }
        if (data.isArray()) {
            ArrayNode array = JSON.createArrayNode();
            data.forEach(each -> array.add(masked(each)));
            return array;
        }
        if (data.isObject()) {
            ObjectNode object = JSON.createObjectNode();
            data.properties().forEach(each -> object.set(each.getKey(), masked(each.getValue())));
            return object;
        }
        return data;
    }
}
