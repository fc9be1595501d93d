package io.sluice.connect.config;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * A key whose value, or each item of whose list, is written in a syntax that some type knows. The type's own sentence
 * becomes the error.
 */
record Syntax(String description, Consumer<String> parser) implements ConfigDef.Validator {

    static final Syntax FILE = new Syntax("path of a file", Syntax::path);
    static final Syntax FOLDER = new Syntax("path of a folder", Syntax::path);

    private static Path path(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("it is empty; leave the key out, or name a path");
        }
        return Path.of(text);
    }

    @Override
    public void ensureValid(String key, @Nullable Object value) {
        if (value == null) {
            return;
        }
        List<?> items = value instanceof List<?> list ? list : List.of(value);
        if (items.isEmpty()) {
            throw new ConfigException(key, "", "name at least one");
        }
        for (Object item : items) {
            try {
                parser.accept(item.toString());
            } catch (IllegalArgumentException e) {
                throw new ConfigException(key, item, e.getMessage());
            }
        }
    }

    @Override
    public String toString() {
        return description;
    }
}
