package io.sluice.connect.telemetry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What happens to connectors as a whole. Kafka Connect starts a connector when it is created, changed, resumed or moved and
 * does not say which: that it was changed shows in its configuration. Thread-safe.
 */
public final class ConnectorEvents {

    /** Those of this process. */
    private static final ConnectorEvents SHARED = new ConnectorEvents(EventLog.SHARED);

    private final EventLog log;
    private final Map<String, Map<String, String>> configurations = new ConcurrentHashMap<>();

    ConnectorEvents(EventLog log) {
        this.log = log;
    }

    /** The events of the connectors of this process. */
    public static ConnectorEvents shared() {
        return SHARED;
    }

    /**
     * A connector starts. If it had another configuration when it last started in this process, it was updated.
     *
     * @param configuration its keys and values, of which the event names only keys
     */
    public void started(String connector, Map<String, String> configuration) {
        Map<String, String> before = configurations.put(connector, Map.copyOf(configuration));
        if (before == null || before.equals(configuration)) {
            return;
        }
        TreeSet<String> changed = new TreeSet<>(configuration.keySet());
        changed.addAll(before.keySet());
        changed.removeIf(key -> Objects.equals(before.get(key), configuration.get(key)));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("connector", connector);
        fields.put("changed", List.copyOf(changed));
        log.info("connector.updated", fields);
    }
}
