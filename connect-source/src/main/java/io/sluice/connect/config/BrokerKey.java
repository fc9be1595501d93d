package io.sluice.connect.config;

import io.sluice.broker.config.Key;
import io.sluice.broker.config.KeyType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** A key of the broker's table as one of Kafka's. */
final class BrokerKey {

    private BrokerKey() {}

    /** @param shown in which configurations it means something */
    static void define(Keys group, Key<?> key, Predicate<Map<String, Object>> shown) {
        group.shownWhen(shown)
                .define(key.name(), type(key.type()), key.defaultText().orElse(null), validator(key.type()))
                .as(ConfigDef.Importance.valueOf(key.importance().name()), key.title(), key.documentation());
    }

    private static ConfigDef.Type type(KeyType<?> type) {
        if (type instanceof KeyType.Whole whole) {
            return whole.most() <= Integer.MAX_VALUE ? ConfigDef.Type.INT : ConfigDef.Type.LONG;
        } else if (type instanceof KeyType.Flag) {
            return ConfigDef.Type.BOOLEAN;
        } else if (type instanceof KeyType.Items) {
            return ConfigDef.Type.LIST;
        } else if (type instanceof KeyType.Password) {
            return ConfigDef.Type.PASSWORD;
        }
        return ConfigDef.Type.STRING;
    }

    private static ConfigDef.@Nullable Validator validator(KeyType<?> type) {
        if (type instanceof KeyType.Flag || type instanceof KeyType.Password) {
            return null; // Kafka's own type says what is wrong.
        }
        return new Valid(type);
    }

    /** Lets the key's own type say what is wrong. */
    private record Valid(KeyType<?> type) implements Keys.Proposing {

        @Override
        public void ensureValid(String key, @Nullable Object value) {
            Optional<String> text = ConfigSettings.text(value);
            try {
                text.ifPresent(type::parse);
            } catch (IllegalArgumentException e) {
                throw new ConfigException(key, text.orElse(""), e.getMessage());
            }
        }

        @Override
        public List<String> proposals() {
            return type instanceof KeyType.Choice<?> choice ? choice.words() : List.of();
        }

        @Override
        public String toString() {
            return type.values();
        }
    }
}
