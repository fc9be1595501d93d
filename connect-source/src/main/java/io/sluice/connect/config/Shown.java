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
record Shown(Predicate<Map<String, Object>> condition, List<Object> proposals) implements ConfigDef.Recommender {

    @Override
    public List<Object> validValues(String key, Map<String, Object> config) {
        return proposals;
    }

    @Override
    public boolean visible(String key, Map<String, Object> config) {
        return condition.test(config);
    }
}
