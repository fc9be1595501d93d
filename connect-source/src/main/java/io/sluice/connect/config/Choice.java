package io.sluice.connect.config;

import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * A key that takes one of a fixed set of words, in lower or upper case: what it accepts, what it proposes, and what each
 * word means.
 *
 * @param <E> what the words stand for
 */
final class Choice<E extends Enum<E>> implements Keys.Proposing {

    private final List<E> constants;

    Choice(Class<E> type) {
        this.constants = List.of(type.getEnumConstants());
    }

    String word(E constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    E constant(String word) {
        return constants.stream()
                .filter(constant -> means(word, constant))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(word));
    }

    boolean means(String word, E constant) {
        return word(constant).equalsIgnoreCase(word.strip());
    }

    @Override
    public void ensureValid(String key, @Nullable Object value) {
        if (value != null && constants.stream().noneMatch(constant -> means(value.toString(), constant))) {
            throw new ConfigException(key, value, "it takes one of " + this);
        }
    }

    @Override
    public List<String> proposals() {
        return constants.stream().map(this::word).toList();
    }

    @Override
    public String toString() {
        return String.join(", ", proposals());
    }
}
