package io.sluice.broker.config;

import io.sluice.tls.TlsConfig.Secret;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The values that a key accepts. Immutable and thread-safe.
 *
 * @param <T> the type of its values
 */
public sealed interface KeyType<T> {

    /**
     * The value of a text.
     *
     * @throws IllegalArgumentException with a clause that says what would be right; it does not name the key
     */
    T parse(String text);

    default String text(T value) {
        return value.toString();
    }

    /** The accepted values, for the documentation. */
    String values();

    /**
     * A whole number.
     *
     * @param least the smallest value that is accepted
     * @param most the largest; {@link Integer#MAX_VALUE} and {@link Long#MAX_VALUE} stand for no limit
     */
    record Whole(long least, long most) implements KeyType<Long> {

        @Override
        public Long parse(String text) {
            try {
                long number = Long.parseLong(text.strip());
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Said below.
            }
            throw new IllegalArgumentException("it must be " + values());
        }

        @Override
        public String values() {
            return most == Integer.MAX_VALUE || most == Long.MAX_VALUE
                    ? "a whole number of at least " + least
                    : "a whole number from " + least + " to " + most;
        }
    }

    record Flag() implements KeyType<Boolean> {

        @Override
        public Boolean parse(String text) {
            return switch (text.strip().toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException("it must be true or false");
            };
        }

        @Override
        public String values() {
            return "true, false";
        }
    }

    /**
     * One of a fixed set of words, in lower or upper case; a dot separates the words of a constant's name.
     *
     * @param <E> what the words stand for
     */
    record Choice<E extends Enum<E>>(Class<E> constants) implements KeyType<E> {

        @Override
        public E parse(String text) {
            return Arrays.stream(constants.getEnumConstants())
                    .filter(constant -> text(constant).equalsIgnoreCase(text.strip()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("it takes one of " + values()));
        }

        @Override
        public String text(E constant) {
            return constant.name().toLowerCase(Locale.ROOT).replace('_', '.');
        }

        public List<String> words() {
            return Arrays.stream(constants.getEnumConstants()).map(this::text).toList();
        }

        @Override
        public String values() {
            return String.join(", ", words());
        }
    }

    record Text() implements KeyType<String> {

        @Override
        public String parse(String text) {
            if (text.isBlank()) {
                throw new IllegalArgumentException("it is empty; leave the key out, or give it a value");
            }
            return text.strip();
        }

        @Override
        public String values() {
            return "text";
        }
    }

    /**
     * A text in a syntax that another type knows.
     *
     * @param values what is taken, for documentation
     * @param parser throws {@link IllegalArgumentException} with a sentence about a text that it cannot parse
     */
    record Parsed<T>(String values, Function<String, T> parser) implements KeyType<T> {

        @Override
        public T parse(String text) {
            return parser.apply(text.strip());
        }
    }

    /**
     * Items of one syntax, with commas between them; at least one.
     *
     * @param values what is taken, for documentation
     * @param parser throws {@link IllegalArgumentException} with a sentence about an item that it cannot parse
     */
    record Items<T>(String values, Function<String, T> parser) implements KeyType<List<T>> {

        @Override
        public List<T> parse(String text) {
            if (text.isBlank()) {
                throw new IllegalArgumentException("name at least one");
            }
            return Arrays.stream(text.split(",", -1))
                    .map(item -> parser.apply(item.strip()))
                    .toList();
        }

        @Override
        public String text(List<T> items) {
            return items.stream().map(Object::toString).collect(Collectors.joining(","));
        }
    }

    /**
     * The path of something that is where the broker runs.
     *
     * @param values what it is, for documentation
     */
    record Location(String values) implements KeyType<Path> {

        /** A file, which can be read. */
        public static final Location FILE = new Location("path of a file");

        /** A file of keys or certificates, or a folder of them, which can be read. */
        public static final Location STORE = new Location("path of a file or folder");

        /** A folder. */
        public static final Location FOLDER = new Location("path of a folder");

        @Override
        public Path parse(String text) {
            if (text.isBlank()) {
                throw new IllegalArgumentException("it is empty; leave the key out, or name a path");
            }
            try {
                return Path.of(text.strip());
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("it is not a path: " + e.getMessage(), e);
            }
        }
    }

    /** A text that no log and no form may show. */
    record Password() implements KeyType<Secret> {

        @Override
        public Secret parse(String text) {
            return new Secret(text);
        }

        @Override
        public String values() {
            return "password";
        }
    }
}
