package io.sluice.connect.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * A key that takes one of a fixed set of words, in lower or upper case: what it accepts, what it proposes, and what each
 * word means.
 *
 * @param <E> what the words stand for
 */
final class Choice<E extends Enum<E>> implements ConfigDef.Validator, ConfigDef.Recommender {

    private final List<E> constants;

    /** Separates the words of a constant's name, as in {@code drop.oldest}. */
    private final char separator;

    private Choice(List<E> constants, char separator) {
        this.constants = constants;
        this.separator = separator;
    }

    static <E extends Enum<E>> Choice<E> of(Class<E> type, char separator) {
        return new Choice<>(List.of(type.getEnumConstants()), separator);
    }

    /** The word for a constant. */
    String word(E constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', separator);
    }

    /** The constant that a valid word stands for. */
    E constant(String word) {
        return constants.stream()
                .filter(constant -> means(word, constant))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(word));
    }

    /** Whether a word stands for a constant. */
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
    public List<Object> validValues(String key, Map<String, Object> config) {
        return List.copyOf(words());
    }

    @Override
    public boolean visible(String key, Map<String, Object> config) {
        return true;
    }

    private List<String> words() {
        return constants.stream().map(this::word).toList();
    }

    /** The words, as the documentation lists them. */
    @Override
    public String toString() {
        return String.join(", ", words());
    }
}
