package io.sluice.connect.config;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.jspecify.annotations.Nullable;

/** Defines the keys of one group, in the order in which they are shown. */
final class Keys {

    private final ConfigDef definition;
    private final String group;
    private Predicate<Map<String, Object>> shown = values -> true;
    private int order;

    Keys(ConfigDef definition, String group) {
        this.definition = definition;
        this.group = group;
    }

    /** A validator that knows which values to propose. */
    interface Proposing extends ConfigDef.Validator {
        List<String> proposals();
    }

    /** Shows the keys that follow only in configurations of a kind. */
    Keys shownWhen(Predicate<Map<String, Object>> condition) {
        shown = condition;
        return this;
    }

    /**
     * @param byDefault null if the key may be left out and then means nothing
     * @param validator if it is {@link Proposing}, it also says which values to propose
     */
    Keys define(
            String key,
            ConfigDef.Type type,
            @Nullable Object byDefault,
            ConfigDef.@Nullable Validator validator,
            Importance importance,
            String documentation,
            String displayName) {
        return define(key, type, byDefault, validator, importance, documentation, displayName, values -> true);
    }

    /** Defines a key that is shown only under one more condition. */
    Keys define(
            String key,
            ConfigDef.Type type,
            @Nullable Object byDefault,
            ConfigDef.@Nullable Validator validator,
            Importance importance,
            String documentation,
            String displayName,
            Predicate<Map<String, Object>> condition) {
        Width width = switch (type) {
            case STRING, LIST, PASSWORD -> Width.LONG;
            default -> Width.SHORT;
        };
        definition.define(
                key,
                type,
                byDefault,
                validator,
                importance,
                documentation,
                group,
                ++order,
                width,
                displayName,
                List.of(),
                new Shown(
                        shown.and(condition),
                        validator instanceof Proposing words ? List.copyOf(words.proposals()) : List.of()));
        return this;
    }
}
