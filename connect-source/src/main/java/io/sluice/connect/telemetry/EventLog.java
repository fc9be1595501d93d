package io.sluice.connect.telemetry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to the logger {@code io.sluice.events}, each as one line of JSON, and keeps the latest for JMX. Of errors it
 * takes a hundred a minute, over all connectors, and says how many it left out. Thread-safe.
 */
final class EventLog implements EventLogMXBean {

    /** The one of this process. */
    static final EventLog SHARED = shared();

    static final int KEPT = 200;
    static final int ERRORS_PER_MINUTE = 100;

    private static final Logger EVENTS = LoggerFactory.getLogger("io.sluice.events");
    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
    private static final JsonMapper JSON = new JsonMapper();

    private final Clock clock;
    private final Deque<String> latest = new ArrayDeque<>();
    private Instant minuteBegan = Instant.EPOCH;
    private int errors;

    EventLog(Clock clock) {
        this.clock = clock;
    }

    private static EventLog shared() {
        EventLog log = new EventLog(Clock.systemUTC());
        try {
            ManagementFactory.getPlatformMBeanServer().registerMBean(log, new ObjectName("io.sluice:type=Events"));
        } catch (JMException e) {
            LOG.warn("Events are logged, but JMX does not show them: {}", e.toString());
        }
        return log;
    }

    /** Something happened as it should. */
    synchronized void info(String event, Map<String, ?> fields) {
        String line = keep(event, fields);
        EVENTS.info("{}", line);
    }

    /** Something went wrong that is too rare to crowd anything out: it is always told. */
    synchronized void alarm(String event, Map<String, ?> fields) {
        EVENTS.warn("{}", keep(event, fields));
    }

    /** Something went wrong, which may happen with every message. */
    synchronized void error(String event, Map<String, ?> fields) {
        Instant now = clock.instant();
        if (Duration.between(minuteBegan, now).compareTo(Duration.ofMinutes(1)) >= 0) {
            int leftOut = errors - ERRORS_PER_MINUTE;
            minuteBegan = now;
            errors = 0;
            if (leftOut > 0) {
                EVENTS.warn("{}", keep("errors.left.out", Map.of("count", leftOut)));
            }
        }
        errors++;
        if (errors <= ERRORS_PER_MINUTE) {
            EVENTS.warn("{}", keep(event, fields));
        }
    }

    private String keep(String event, Map<String, ?> fields) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("event", event);
        all.put("time", clock.instant().toString());
        all.putAll(fields);
        try {
            String line = JSON.writeValueAsString(all);
            if (latest.size() == KEPT) {
                latest.remove();
            }
            latest.add(line);
            return line;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("an event has texts and numbers only", e);
        }
    }

    @Override
    public synchronized String[] getLatest() {
        return latest.toArray(String[]::new);
    }
}
