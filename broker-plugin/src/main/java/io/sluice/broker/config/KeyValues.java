package io.sluice.broker.config;

import java.util.Optional;

/**
 * The values written for keys, in a connector's configuration or in a file.
 *
 * <p>While a configuration is checked, a value that is wrong in itself is neither given nor absent, so that one mistake
 * is reported once.
 */
public interface KeyValues {

    /**
     * The value that was written for a key.
     *
     * @throws IllegalArgumentException if it is wrong in itself, where that has not been checked before
     */
    <T> Optional<T> given(Key<T> key);

    /** Whether nothing was written for a key. */
    boolean isAbsent(Key<?> key);

    /** A key's name in the place where the values are written. */
    default String name(Key<?> key) {
        return key.name();
    }

    /** How to set a key there, such as {@code broker.fanout=true}. */
    default String assignment(Key<?> key, String value) {
        return name(key) + "=" + value;
    }

    /** The value of a key that has one by default. */
    default <T> T value(Key<T> key) {
        return given(key).or(key::byDefault).orElseThrow(() -> new IllegalArgumentException(name(key)));
    }

    /** A mistake in a sentence that begins with the key's name. */
    default Mistake mistake(Key<?> key, String rest) {
        return new Mistake(key, name(key) + rest);
    }
}
