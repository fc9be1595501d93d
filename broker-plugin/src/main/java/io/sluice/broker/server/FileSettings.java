package io.sluice.broker.server;

import io.sluice.broker.access.JwtConfig;
import io.sluice.broker.config.BrokerKeys;
import io.sluice.broker.config.Key;
import io.sluice.broker.config.KeyType;
import io.sluice.broker.config.KeyType.Location;
import io.sluice.broker.config.KeyValues;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The settings in a file. A value that cannot be used is a {@link ConfigurationException} that names the key as the
 * file does. Not thread-safe while it is filled.
 */
final class FileSettings implements KeyValues {

    private record Written(String key, String text) {}

    private final Map<String, Written> byKey = new HashMap<>();
    private final Path folder;
    private final Function<Key<?>, String> names;

    /**
     * @param folder what relative paths are relative to
     * @param names what the file may call a key that it does not set
     */
    FileSettings(Path folder, Function<Key<?>, String> names) {
        this.folder = folder;
        this.names = names;
    }

    /**
     * Notes what is written for a key.
     *
     * @param written what the file calls it
     */
    void put(Key<?> key, String written, String text) {
        Written before = byKey.putIfAbsent(key.name(), new Written(written, text.strip()));
        if (before != null) {
            throw new ConfigurationException(before.key + " and " + written + " say the same: keep one of them");
        }
    }

    @Override
    public <T> Optional<T> given(Key<T> key) {
        return Optional.ofNullable(byKey.get(key.name())).map(written -> value(key, written));
    }

    private <T> T value(Key<T> key, Written written) {
        KeyType<T> type = key.type();
        boolean isPath = type instanceof Location
                || (key.name().equals(BrokerKeys.JWT_KEYS.name()) && !JwtConfig.Keys.isUrl(written.text));
        String text = isPath ? folder.resolve(written.text).normalize().toString() : written.text;
        if (type == Location.FILE && !(Files.isRegularFile(Path.of(text)) && Files.isReadable(Path.of(text)))) {
            throw wrong(
                    written.key, written.text, "it must be the path of a file that can be read; " + text + " is not");
        }
        if (type == Location.STORE && !Files.isReadable(Path.of(text))) {
            throw wrong(
                    written.key,
                    written.text,
                    "it must be the path of a file, or of a folder, that can be read; " + text + " is not");
        }
        try {
            return type.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrong(written.key, written.text, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public boolean isAbsent(Key<?> key) {
        return !byKey.containsKey(key.name());
    }

    Optional<String> text(Key<?> key) {
        return Optional.ofNullable(byKey.get(key.name())).map(Written::text);
    }

    @Override
    public String name(Key<?> key) {
        return Optional.ofNullable(byKey.get(key.name())).map(Written::key).orElseGet(() -> names.apply(key));
    }

    @Override
    public String assignment(Key<?> key, String value) {
        return name(key) + " " + value;
    }

    /** A sentence about a value, which its parser may have named already. */
    static ConfigurationException wrong(String key, String value, String right) {
        return new ConfigurationException(key + (right.startsWith("'") ? ": " : " is '" + value + "': ") + right);
    }
}
