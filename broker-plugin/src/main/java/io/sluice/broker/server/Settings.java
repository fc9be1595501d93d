package io.sluice.broker.server;

import io.moquette.broker.config.IConfig;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a configuration says, by key. Each method throws {@link ConfigurationException} if the value is not of its kind.
 */
final class Settings {

    private final IConfig values;
    private final Predicate<String> isSet;
    private final Path folder;

    /**
     * @param isSet whether a key was set by somebody, and not by Moquette
     * @param folder what relative paths are relative to
     */
    Settings(IConfig values, Predicate<String> isSet, Path folder) {
        this.values = values;
        this.isSet = isSet;
        this.folder = folder;
    }

    Optional<String> text(String key) {
        return isSet.test(key) ? Optional.ofNullable(values.getProperty(key)).map(String::strip) : Optional.empty();
    }

    /** A number in a range, both ends included. */
    long number(String key, long byDefault, long least, long most) {
        return text(key).map(value -> number(key, value, least, most)).orElse(byDefault);
    }

    private static long number(String key, String value, long least, long most) {
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw wrong(key, value, "a whole number from " + least + " to " + most);
    }

    /** A port; empty if it is not set, or set to Moquette's word {@code disabled}. */
    Optional<Integer> port(String key) {
        return text(key).filter(value -> !value.equals("disabled")).map(value -> {
            try {
                return (int) number(key, value, 0, 65_535);
            } catch (ConfigurationException e) {
                throw wrong(key, value, "a port from 0 (a free one) to 65535, or disabled");
            }
        });
    }

    Optional<Boolean> flag(String key) {
        return text(key).map(value -> switch (value.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(key, value, "true or false");
        });
    }

    /** One of an enum's constants, written in lower case with dots. */
    <E extends Enum<E>> E choice(String key, Class<E> type, E byDefault) {
        E[] constants = type.getEnumConstants();
        return text(key)
                .map(value -> Arrays.stream(constants)
                        .filter(constant -> word(constant).equalsIgnoreCase(value))
                        .findFirst()
                        .orElseThrow(() -> wrong(
                                key,
                                value,
                                "one of "
                                        + Arrays.stream(constants)
                                                .map(Settings::word)
                                                .collect(Collectors.joining(", ")))))
                .orElse(byDefault);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    Optional<Path> path(String key) {
        return text(key).map(value -> folder.resolve(value).normalize());
    }

    /** The path of a file that is there and can be read. */
    Optional<Path> file(String key) {
        Optional<Path> path = path(key);
        path.filter(file -> !Files.isRegularFile(file) || !Files.isReadable(file))
                .ifPresent(file -> {
                    throw wrong(
                            key, text(key).orElseThrow(), "the path of a file that can be read; " + file + " is not");
                });
        return path;
    }

    /** A file of keys or certificates, which needs its password. */
    Optional<Store> store(String location, String type, String password, StoreType byDefault) {
        return file(location)
                .map(file -> new Store(
                        file,
                        choice(type, StoreType.class, byDefault).name(),
                        text(password)
                                .map(Secret::new)
                                .orElseThrow(() -> new ConfigurationException(password + " is not set: the file " + file
                                        + " of " + location + " needs its password"))));
    }

    /** A time as Moquette writes it, such as {@code 7d}. */
    Duration duration(String key, Duration byDefault, Duration most) {
        return text(key)
                .map(value -> {
                    try {
                        Duration duration = values.durationProp(key);
                        if (duration.compareTo(Duration.ofSeconds(1)) >= 0 && duration.compareTo(most) <= 0) {
                            return duration;
                        }
                    } catch (RuntimeException e) {
                        // Said below: Moquette's own message names neither key nor value for each kind of mistake.
                    }
                    throw wrong(
                            key,
                            value,
                            "a whole number and one of the units s, m, h, d, such as 7d, and at most " + most.toDays()
                                    + "d");
                })
                .orElse(byDefault);
    }

    static ConfigurationException wrong(String key, String value, String right) {
        return new ConfigurationException(key + " is '" + value + "', and must be " + right);
    }
}
