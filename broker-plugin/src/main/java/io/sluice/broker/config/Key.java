package io.sluice.broker.config;

import java.util.Optional;

/**
 * A key of a configuration. Immutable and thread-safe.
 *
 * @param <T> what its value means
 * @param name as the connector calls it; the standalone broker's file writes {@code sluice.} in front
 * @param group under which forms and the documentation show it
 * @param title a short name for forms
 * @param importance how many users set it
 * @param type what it takes
 * @param byDefault what it means if it is left out; empty: nothing, or what its documentation says
 * @param documentation what it is for, in Markdown
 */
public record Key<T>(
        String name,
        String group,
        String title,
        Importance importance,
        KeyType<T> type,
        Optional<T> byDefault,
        String documentation) {

    /** How many users set a key. */
    public enum Importance {
        HIGH,
        MEDIUM,
        LOW
    }

    /** The value that a key has by default, as a user would write it. */
    public Optional<String> defaultText() {
        return byDefault.map(type::text);
    }
}
