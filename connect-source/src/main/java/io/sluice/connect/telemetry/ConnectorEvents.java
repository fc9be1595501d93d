package io.sluice.connect.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to connectors as a whole. Kafka Connect starts a connector when it is created, changed, resumed or moved and
 * does not say which: that it was changed shows in its configuration. Thread-safe.
 */
public final class ConnectorEvents {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectorEvents.class);

    private static final ConnectorEvents SHARED = new ConnectorEvents(EventLog.SHARED);

    /** Kafka Connect does not tell a plugin that a connector was deleted. */
    static final int MOST_REMEMBERED = 1_000;

    private final EventLog log;

    /** Digests of values by key, by connector: passwords of one that was deleted must not stay in memory. */
    private final Map<String, Map<String, String>> configurations =
            Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75F, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Map<String, String>> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            });

    ConnectorEvents(EventLog log) {
        this.log = log;
    }

    public static ConnectorEvents shared() {
        return SHARED;
    }

    /**
     * A connector starts. If it had another configuration when it last started in this process, it was updated.
     *
     * @param configuration its keys and values, of which the event names only keys
     */
    public void started(String connector, Map<String, String> configuration) {
        Map<String, String> now = new HashMap<>(configuration);
        now.replaceAll((key, value) -> digest(value));
        Map<String, String> before = configurations.put(connector, now);
        if (before == null || before.equals(now)) {
            return;
        }
        TreeSet<String> changed = new TreeSet<>(now.keySet());
        changed.addAll(before.keySet());
        changed.removeIf(key -> Objects.equals(before.get(key), now.get(key)));
        log.info("connector.updated", fields(connector, "changed", List.copyOf(changed)));
    }

    int remembered() {
        return configurations.size();
    }

    public void warned(String connector, String warning) {
        LOG.warn("{}: {}", connector, warning);
        log.alarm("connector.warning", fields(connector, "warning", warning));
    }

    public void advised(String connector, String advice) {
        LOG.info("{}: {}", connector, advice);
        log.info("connector.advice", fields(connector, "advice", advice));
    }

    private static Map<String, Object> fields(String connector, String name, Object value) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("connector", connector);
        fields.put(name, value);
        return fields;
    }

    private static String digest(String value) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
