package io.sluice.connect.config;

import io.sluice.broker.config.Key;
import io.sluice.broker.config.KeyValues;
import io.sluice.broker.config.Mistake;
import io.sluice.connect.route.Template;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;

/**
 * The values of a configuration while it is being checked across keys. A value that is wrong in itself reads as absent,
 * so that one mistake is reported once.
 *
 * <p>Not thread-safe.
 *
 * @param byKey errors found are added to these values
 */
record CheckedValues(Map<String, ConfigValue> byKey) implements KeyValues {

    @Override
    public <T> Optional<T> given(Key<T> key) {
        return value(key.name(), Object.class).flatMap(ConfigSettings::text).map(key.type()::parse);
    }

    @Override
    public boolean isAbsent(Key<?> key) {
        return isAbsent(key.name());
    }

    Optional<String> text(String key) {
        return value(key, String.class);
    }

    boolean isAbsent(String key) {
        ConfigValue value = byKey.get(key);
        return value == null || (value.value() == null && value.errorMessages().isEmpty());
    }

    /** The Kafka topic that a key names; empty if it is made from messages. */
    Optional<String> kafkaTopic(String key) {
        return text(key).map(Template::of).flatMap(Template::fixed);
    }

    Optional<Boolean> flag(String key) {
        return value(key, Boolean.class);
    }

    /** A key's items; none if it is absent. */
    List<String> list(String key) {
        return value(key, List.class).stream()
                .flatMap(items -> ((List<?>) items).stream())
                .map(Object::toString)
                .toList();
    }

    private <T> Optional<T> value(String key, Class<T> type) {
        return Optional.ofNullable(byKey.get(key))
                .filter(value -> value.errorMessages().isEmpty())
                .map(ConfigValue::value)
                .filter(type::isInstance)
                .map(type::cast);
    }

    boolean differs(ConfigDef.ConfigKey key) {
        ConfigValue value = byKey.get(key.name);
        return value != null && !Objects.equals(value.value(), key.defaultValue);
    }

    /** @param rest of the sentence that begins with the key */
    void refuse(String key, String rest) {
        show(key, key + rest);
    }

    void refuse(Mistake mistake) {
        show(mistake.key().name(), mistake.sentence());
    }

    void show(String key, String sentence) {
        byKey.computeIfAbsent(key, ConfigValue::new).addErrorMessage(sentence);
    }
}
