package io.sluice.connect.config;

import io.sluice.broker.config.Key;
import io.sluice.broker.config.KeyValues;
import io.sluice.broker.config.Mistake;
import io.sluice.connect.route.Template;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;

/**
 * The values of a configuration while it is being checked across keys. A value that is wrong in itself reads as absent,
 * so that one mistake is reported once.
 *
 * <p>Not thread-safe.
 *
 * @param properties what was written, but for what {@link RouteGroup#stated} leaves out
 * @param byKey errors found are added to these values
 * @param prefix begins the keys of the route that is being checked, and is left out where they are named; else empty
 */
record CheckedValues(Map<String, String> properties, Map<String, ConfigValue> byKey, String prefix)
        implements KeyValues {

    CheckedValues ofRoute(String begin) {
        return new CheckedValues(properties, byKey, begin);
    }

    /** A key as users write it. */
    String name(String key) {
        return prefix + key;
    }

    boolean isWritten(String key) {
        return properties.containsKey(name(key));
    }

    /** The last parts of the keys that were written and begin so, in order. */
    Stream<String> writtenNames(String begin) {
        return NamedTemplates.names(properties, name(begin));
    }

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
        ConfigValue value = byKey.get(name(key));
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
        return Optional.ofNullable(byKey.get(name(key)))
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
        show(key, name(key) + rest);
    }

    /** Refuses those of some keys that were written. */
    void refuseWritten(Stream<String> keys, String rest) {
        keys.filter(this::isWritten).forEach(key -> refuse(key, rest));
    }

    void refuse(Mistake mistake) {
        show(mistake.key().name(), mistake.sentence());
    }

    void show(String key, String sentence) {
        byKey.computeIfAbsent(name(key), ConfigValue::new).addErrorMessage(sentence);
    }
}
