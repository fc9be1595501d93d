package io.sluice.broker.config;

import java.util.Optional;

/**
 * A key of a configuration. Immutable and thread-safe.
 *
 * @param <T> the type of its value
 * @param name as the connector calls it; the standalone broker's file writes {@code sluice.} in front
 * @param group under which forms and the documentation show it
 * @param title a short name for forms
 * @param importance how many users set it
 * @param type which values it accepts
 * @param byDefault its default; empty: none, or as its documentation says
 * @param documentation its documentation, in Markdown
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

    /** The default, as a user would write it. */
    public Optional<String> defaultText() {
        return byDefault.map(type::text);
    }
}
