package io.sluice.connect.config;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.common.config.ConfigDef;

/**
 * Shows a key only in configurations where it means something.
 *
 * @param condition of the values of all keys, some of which may be wrong
 * @param proposals the values to propose
 */
record Shown(Predicate<Map<String, Object>> condition, ConfigDef.Recommender proposals)
        implements ConfigDef.Recommender {

    private static final ConfigDef.Recommender NO_PROPOSALS = new ConfigDef.Recommender() {
        @Override
        public List<Object> validValues(String key, Map<String, Object> config) {
            return List.of();
        }

        @Override
        public boolean visible(String key, Map<String, Object> config) {
            return true;
        }
    };

    /** A key for which no values are proposed. */
    static Shown when(Predicate<Map<String, Object>> condition) {
        return new Shown(condition, NO_PROPOSALS);
    }

    /** A key for which values are proposed. */
    static Shown when(Predicate<Map<String, Object>> condition, ConfigDef.Recommender proposals) {
        return new Shown(condition, proposals);
    }

    @Override
    public List<Object> validValues(String key, Map<String, Object> config) {
        return proposals.validValues(key, config);
    }

    @Override
    public boolean visible(String key, Map<String, Object> config) {
        return condition.test(config) && proposals.visible(key, config);
    }
}
