package io.sluice.connect.config;

import io.sluice.broker.config.Key;
import io.sluice.broker.config.KeyValues;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * What a valid configuration says for keys of the broker's table.
 *
 * @param values as Kafka has parsed them
 */
record ConfigSettings(AbstractConfig values) implements KeyValues {

    @Override
    public <T> Optional<T> given(Key<T> key) {
        return text(values.values().get(key.name())).map(key.type()::parse);
    }

    @Override
    public boolean isAbsent(Key<?> key) {
        return values.values().get(key.name()) == null;
    }

    /** What a user wrote for a value that Kafka has parsed. */
    static Optional<String> text(@Nullable Object value) {
        if (value instanceof List<?> items) {
            return Optional.of(items.stream().map(Object::toString).collect(Collectors.joining(",")));
        } else if (value instanceof Password password) {
            return Optional.of(password.value());
        }
        return Optional.ofNullable(value).map(Object::toString);
    }
}
