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
    private final String prefix;
    private Predicate<Map<String, Object>> shown = values -> true;
    private int order;

    Keys(ConfigDef definition, String group) {
        this(definition, group, "");
    }

    /** @param prefix begins the keys, and is left out where they are named */
    Keys(ConfigDef definition, String group, String prefix) {
        this.definition = definition;
        this.group = group;
        this.prefix = prefix;
    }

    /** A key as users write it. */
    String name(String key) {
        return prefix + key;
    }

    interface Proposing extends ConfigDef.Validator {
        List<String> proposals();
    }

    /** Shows the keys that follow only in configurations of a kind. */
    Keys shownWhen(Predicate<Map<String, Object>> condition) {
        shown = condition;
        return this;
    }

    Key text(String name, @Nullable String byDefault, ConfigDef.@Nullable Validator validator) {
        return define(name, ConfigDef.Type.STRING, byDefault, validator);
    }

    Key list(String name, @Nullable Object byDefault, ConfigDef.Validator validator) {
        return define(name, ConfigDef.Type.LIST, byDefault, validator);
    }

    Key whole(String name, int byDefault, ConfigDef.Validator validator) {
        return define(name, ConfigDef.Type.INT, byDefault, validator);
    }

    Key flag(String name, boolean byDefault) {
        return define(name, ConfigDef.Type.BOOLEAN, byDefault, null);
    }

    /**
     * Begins a key, which {@link Key#as} defines.
     *
     * @param byDefault null if the key may be left out and then means nothing
     * @param validator if it is {@link Proposing}, it also says which values to propose
     */
    Key define(String name, ConfigDef.Type type, @Nullable Object byDefault, ConfigDef.@Nullable Validator validator) {
        return new Key(name(name), type, byDefault, validator);
    }

    /** A key that takes some values, until it is said how it is shown. */
    final class Key {

        private final String name;
        private final ConfigDef.Type type;
        private final @Nullable Object byDefault;
        private final ConfigDef.@Nullable Validator validator;
        private Predicate<Map<String, Object>> condition = shown;

        private Key(
                String name, ConfigDef.Type type, @Nullable Object byDefault, ConfigDef.@Nullable Validator validator) {
            this.name = name;
            this.type = type;
            this.byDefault = byDefault;
            this.validator = validator;
        }

        /** Shows it only where the value of another key, which may be wrong, is of some kind. */
        Key onlyWhen(String other, Predicate<@Nullable Object> kind) {
            condition = condition.and(values -> kind.test(values.get(name(other))));
            return this;
        }

        Keys as(Importance importance, String displayName, String documentation) {
            Width width = switch (type) {
                case STRING, LIST, PASSWORD -> Width.LONG;
                default -> Width.SHORT;
            };
            List<Object> proposals = validator instanceof Proposing words ? List.copyOf(words.proposals()) : List.of();
            definition.define(
                    name,
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
                    new Shown(condition, proposals));
            return Keys.this;
        }
    }

    /** Shows a key only where it means something, as far as values of all keys say that may be wrong. */
    private record Shown(Predicate<Map<String, Object>> condition, List<Object> proposals)
            implements ConfigDef.Recommender {

        @Override
        public List<Object> validValues(String key, Map<String, Object> config) {
            return proposals;
        }

        @Override
        public boolean visible(String key, Map<String, Object> config) {
            return condition.test(config);
        }
    }
}
