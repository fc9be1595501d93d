package io.sluice.connect;

import io.sluice.connect.telemetry.EventLogMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import javax.management.JMException;
import javax.management.JMX;
import javax.management.ObjectName;

/** What JMX has of events. */
public final class Events {

    private Events() {}

    /** The names of a connector's events, the oldest first. */
    public static List<String> of(String connector) throws JMException {
        return lines(connector).stream().map(Events::name).toList();
    }

    static String name(String line) {
        return line.replaceAll("\\{\"event\":\"([a-z.]+)\".*", "$1");
    }

    /** The events of a connector, the oldest first, each as JSON. */
    public static List<String> lines(String connector) throws JMException {
        EventLogMXBean log = JMX.newMXBeanProxy(
                ManagementFactory.getPlatformMBeanServer(),
                new ObjectName("io.sluice:type=Events"),
                EventLogMXBean.class);
        return Arrays.stream(log.getLatest())
                .filter(line -> line.contains("\"connector\":\"" + connector + "\""))
                .toList();
    }
}
