package io.sluice.connect.config;

import io.sluice.broker.config.Key;
import io.sluice.broker.config.StatusKeys;
import io.sluice.status.StatusConfig;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/** Where the worker serves its status, and to whom. */
final class StatusGroup {

    private StatusGroup() {}

    static void update(ConfigDef definition) {
        Keys keys = new Keys(definition, StatusKeys.STATUS);
        for (Key<?> key : StatusKeys.all()) {
            BrokerKey.define(keys, key, shown(key));
        }
    }

    private static Predicate<Map<String, Object>> shown(Key<?> key) {
        if (key.equals(StatusKeys.LISTENER)) {
            return values -> true;
        }
        String scheme = StatusKeys.ofTls().contains(key) ? "https:" : "http";
        return values -> values.get(StatusKeys.LISTENER.name()) instanceof String uri && uri.startsWith(scheme);
    }

    static void validate(CheckedValues values) {
        StatusKeys.check(values).forEach(values::refuse);
    }

    static Optional<StatusConfig> status(AbstractConfig values) {
        return StatusKeys.status(new ConfigSettings(values));
    }
}
