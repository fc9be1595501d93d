package io.sluice.broker.server;

import io.moquette.broker.config.FileResourceLoader;
import io.moquette.broker.config.IConfig;
import io.moquette.broker.config.ResourceLoaderConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A configuration file in Moquette's format: a line is blank, a comment if it begins with {@code #}, or a key, a space
 * and a value.
 *
 * @param path where it is
 * @param keys those that the file sets, in its order
 * @param values what Moquette has read, with its own defaults for keys that the file does not set
 */
record ConfigFile(Path path, Set<String> keys, IConfig values) {

    /**
     * @throws ConfigurationException if it cannot be read, or a line is not of the format: Moquette would go on with
     *     what it has read so far
     */
    static ConfigFile read(Path path) {
        List<String> lines;
        try {
            lines = Files.readAllLines(path, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ConfigurationException("The configuration file " + path + " cannot be read: " + e);
        }
        Set<String> keys = new LinkedHashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            int space = line.indexOf(' ');
            if (space <= 0 || line.substring(space).isBlank() || line.contains("#")) {
                throw new ConfigurationException("Line " + (i + 1) + " of " + path
                        + " is neither a comment that begins with # nor a key, a space and a value without #: "
                        + line.split("[\\s#]", 2)[0]);
            }
            String key = line.substring(0, space);
            if (!keys.add(key)) {
                throw new ConfigurationException(
                        "Line " + (i + 1) + " of " + path + " sets " + key + " a second time; keep one of the lines");
            }
        }
        return new ConfigFile(path, keys, new ResourceLoaderConfig(new FileResourceLoader(path.toFile())));
    }

    /** What the file says for a key, if it sets it. */
    Optional<String> text(String key) {
        return keys.contains(key) ? Optional.of(values.getProperty(key).strip()) : Optional.empty();
    }
}
