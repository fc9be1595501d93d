package io.sluice.connect.telemetry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.status.StatusBoard;
import io.sluice.status.StatusEvent.Kind;
import io.sluice.status.StatusEvent.Origin;
import io.sluice.status.StatusEvents;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to the logger {@code io.sluice.events}, each as one line of JSON, and keeps the latest of each
 * {@linkplain EventKind kind} for JMX, and shows them in the status. Of kinds that can become many it takes so many of each
 * connector a minute, and says how many it left out. Thread-safe.
 */
final class EventLog implements EventLogMXBean {

    private static final Logger EVENTS = LoggerFactory.getLogger("io.sluice.events");
    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
    private static final String STATISTICS = "statistics";
    private static final JsonMapper JSON = new JsonMapper();

    /** The one of this copy of the plugin. */
    static final EventLog SHARED = shared();

    private final Clock clock;
    private final LongSupplier clockNs;
    private final StatusEvents status;
    private final Map<EventKind, EventsOfKind> byKind = new EnumMap<>(EventKind.class);
    private long told;

    /**
     * @param clock tells when an event was
     * @param clockNs tells how much time has passed, as {@link System#nanoTime} does
     * @param status takes all that is told
     */
    EventLog(Clock clock, LongSupplier clockNs, StatusEvents status) {
        this.clock = clock;
        this.clockNs = clockNs;
        this.status = status;
        for (EventKind kind : EventKind.values()) {
            byKind.put(kind, new EventsOfKind(kind, clockNs.getAsLong()));
        }
    }

    private static EventLog shared() {
        EventLog log = new EventLog(
                Clock.systemUTC(), System::nanoTime, StatusBoard.shared().events());
        try {
            ManagementFactory.getPlatformMBeanServer().registerMBean(log, new ObjectName("io.sluice:type=Events"));
        } catch (JMException e) {
            LOG.warn("Events are logged, but JMX does not show them: {}", e.toString());
        }
        return log;
    }

    synchronized void info(String event, Map<String, ?> fields) {
        Kind kind = event.equals(STATISTICS) ? Kind.STATISTICS : Kind.LIFECYCLE;
        String line = keep(EventKind.LIFE, kind, event, fields);
        LogGuard.log(() -> EVENTS.info("{}", line));
    }

    /** Tells an error that is too rare to crowd anything out: always. */
    synchronized void alarm(String event, Map<String, ?> fields) {
        warn(EventKind.LIFE, event, fields);
    }

    /** Tells an error of a connector that may come with every message. */
    synchronized void error(EventKind kind, String event, String connector, Map<String, ?> fields) {
        tellLeftOut();
        if (ofKind(kind).admits(connector, clockNs.getAsLong())) {
            warn(kind, event, fields);
        }
    }

    /** Tells how many events were left out in minutes that are over. */
    synchronized void tellLeftOut() {
        long nowNs = clockNs.getAsLong();
        tellLeftOut(events -> events.isMinuteOver(nowNs));
    }

    /** Tells how many events were left out so far: no task may be there to do so when the minute is over. */
    synchronized void tellAllLeftOut() {
        tellLeftOut(events -> true);
    }

    private void tellLeftOut(Predicate<EventsOfKind> which) {
        byKind.values().stream()
                .filter(which)
                .forEach(events -> events.takeLeftOut()
                        .forEach((connector, count) -> tellLeftOut(events.kind(), connector, count)));
    }

    private void tellLeftOut(EventKind kind, String connector, int count) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("connector", connector);
        fields.put("of", kind.label());
        fields.put("count", count);
        warn(kind, "errors.left.out", fields);
    }

    private void warn(EventKind kind, String event, Map<String, ?> fields) {
        String line = keep(kind, Kind.ERRORS, event, fields);
        LogGuard.log(() -> EVENTS.warn("{}", line));
    }

    private String keep(EventKind kind, Kind shown, String event, Map<String, ?> fields) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("event", event);
        all.put("time", clock.instant().toString());
        all.putAll(fields);
        try {
            String line = JSON.writeValueAsString(all);
            ofKind(kind).keep(new EventsOfKind.Told(told++, line));
            show(shown, event, fields);
            return line;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("an event has texts and numbers only", e);
        }
    }

    /** Who it happened to is said apart from the rest. */
    private void show(Kind kind, String event, Map<String, ?> fields) {
        Map<String, Object> others = new LinkedHashMap<>(fields);
        Object connector = others.remove("connector");
        Object task = others.remove("task");
        Origin origin = connector == null
                ? Origin.NONE
                : task instanceof Integer number
                        ? Origin.task(connector.toString(), number)
                        : Origin.connector(connector.toString());
        status.add(kind, event, origin, EventText.of(event, fields), others);
    }

    private EventsOfKind ofKind(EventKind kind) {
        return Objects.requireNonNull(byKind.get(kind));
    }

    @Override
    public synchronized String[] getLatest() {
        return byKind.values().stream()
                .flatMap(EventsOfKind::latest)
                .sorted(Comparator.comparingLong(EventsOfKind.Told::number))
                .map(EventsOfKind.Told::line)
                .toArray(String[]::new);
    }
}
