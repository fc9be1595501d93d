package io.sluice.tools.doctor;

import io.sluice.tools.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A worker's own configuration, of which its REST interface tells nothing.
 *
 * @param settings its settings by key
 */
public record WorkerFile(Map<String, String> settings) {

    private static final int DEPTH = 4;

    /**
     * Reads a worker's file of properties.
     *
     * @throws io.sluice.tools.ToolException if it cannot be read
     */
    public static WorkerFile read(Path file) {
        return new WorkerFile(Settings.read(file.toString(), "The worker's settings"));
    }

    /** What it says of a key, if anything. */
    public Optional<String> setting(String key) {
        return Optional.ofNullable(settings.get(key)).filter(value -> !value.isBlank());
    }

    /** How often the plugin is on the plugin path, as far as that is on this machine and may be read. */
    long plugins() {
        long found = 0;
        for (String place : setting("plugin.path").orElse("").split(",", -1)) {
            try {
                found += place.isBlank() ? 0 : plugins(Path.of(place.strip()));
            } catch (IOException | UncheckedIOException | InvalidPathException e) {
                // The worker itself says which it has, if not how often.
            }
        }
        return found;
    }

    private static long plugins(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder, DEPTH)) {
            return files.filter(file -> String.valueOf(file.getFileName()).matches("sluice-connect-source-.*\\.jar"))
                    .count();
        }
    }
}
