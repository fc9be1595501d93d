package io.sluice.tools;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Contexts by name in a file that only its owner reads and writes (mode 0600), and the one that is in use. Not
 * thread-safe; of two processes that write at a time, one wins whole.
 */
public final class Contexts {

    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private Content content;

    private record Content(
            @JsonProperty("current") @Nullable String current,
            @JsonProperty("contexts") TreeMap<String, Context> contexts) {}

    private Contexts(Path file, Content content) {
        this.file = file;
        this.content = content;
    }

    /**
     * Reads a file; one that is not there has no contexts.
     *
     * @throws ToolException if it is not understood
     */
    public static Contexts read(Path file) {
        try {
            @Nullable
            Content content = Files.exists(file)
                    ? JSON.readValue(file.toFile(), Content.class)
                    : new Content(null, new TreeMap<>());
            if (content == null || content.contexts() == null) {
                throw ToolException.usage(
                        "The contexts in " + file + " cannot be read: it has no field contexts; delete the file, and"
                                + " `sluice context set` writes it again.");
            }
            return new Contexts(file, content);
        } catch (JsonProcessingException e) {
            throw ToolException.usage("The contexts in " + file + " cannot be read: " + ConnectorFile.why(e), e);
        } catch (IOException e) {
            throw ToolException.usage("The contexts in " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    public Map<String, Context> all() {
        return content.contexts();
    }

    public Optional<String> current() {
        return Optional.ofNullable(content.current());
    }

    /**
     * One of them.
     *
     * @throws ToolException if there is none of that name
     */
    public Context get(String name) {
        return Optional.ofNullable(all().get(name))
                .orElseThrow(() -> ToolException.usage("There is no context " + name
                        + (all().isEmpty()
                                ? "; `sluice context set` makes one"
                                : "; there are " + String.join(", ", all().keySet()))));
    }

    /** Keeps a context under a name; the first one is in use from now on. */
    public void set(String name, Context context) {
        content.contexts().put(name, context);
        write(new Content(content.current() == null ? name : content.current(), content.contexts()));
    }

    public void use(String name) {
        get(name);
        write(new Content(name, content.contexts()));
    }

    public void delete(String name) {
        get(name);
        content.contexts().remove(name);
        write(new Content(name.equals(content.current()) ? null : content.current(), content.contexts()));
    }

    private void write(Content changed) {
        try {
            Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
            // Only its owner can read it, as all files that Java makes for a moment.
            Path written = Files.createTempFile(folder, "contexts", ".new");
            Files.writeString(written, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(changed));
            Files.move(written, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            content = changed;
        } catch (IOException e) {
            throw ToolException.failed("The contexts cannot be written to " + file + ": " + e.getMessage(), e);
        }
    }
}
