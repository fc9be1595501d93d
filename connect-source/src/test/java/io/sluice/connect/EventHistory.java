package io.sluice.connect;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/**
 * All events of all connectors of this JVM. JMX has only the latest ({@link Events}), and other tests that run at the same
 * time have events too.
 */
final class EventHistory {

    private static final Queue<String> LINES = new ConcurrentLinkedQueue<>();

    static {
        AbstractAppender appender = new AbstractAppender("event-history", null, null, true, Property.EMPTY_ARRAY) {
            @Override
            public void append(LogEvent event) {
                LINES.add(event.getMessage().getFormattedMessage());
            }
        };
        appender.start();
        ((Logger) LogManager.getLogger("io.sluice.events")).addAppender(appender);
    }

    private EventHistory() {}

    /** Events are kept from now on, if they are not yet. */
    static void begin() {}

    /** The names of a connector's events, the oldest first. */
    static List<String> of(String connector) {
        return lines(connector).stream().map(Events::name).toList();
    }

    /** The events of a connector, the oldest first, each as JSON. */
    static List<String> lines(String connector) {
        String of = "\"connector\":\"" + connector + "\"";
        return LINES.stream().filter(line -> line.contains(of)).toList();
    }
}
