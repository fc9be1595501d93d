package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * What JMX shows of a connector's first task.
 *
 * @param connector name of the connector
 */
record TaskMBeans(String connector) {

    private static final MBeanServer JMX = ManagementFactory.getPlatformMBeanServer();
    private static final Path DOCUMENT = Path.of("../assembly/docs/metrics.md");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(sluice-[a-z-]+)` \\|");

    /** The metrics that the documentation has. */
    static Set<String> documented() throws IOException {
        Set<String> names = new TreeSet<>();
        DOCUMENTED
                .matcher(Files.readString(DOCUMENT))
                .results()
                .map(metric -> metric.group(1))
                .forEach(names::add);
        return names;
    }

    /** The metrics that JMX has. */
    Set<String> shown() throws JMException {
        Set<String> names = new TreeSet<>();
        for (ObjectName bean : beans()) {
            for (MBeanAttributeInfo attribute : JMX.getMBeanInfo(bean).getAttributes()) {
                names.add(attribute.getName());
            }
        }
        return names;
    }

    /** The MBeans of the task, those of its broker included. */
    Set<ObjectName> beans() throws JMException {
        return JMX.queryNames(new ObjectName(bean(Map.of()).getCanonicalName() + ",*"), null);
    }

    /** A metric of the task. */
    double ofTask(String metric) throws JMException {
        return value(bean(Map.of()), metric);
    }

    /** A metric of the task's broker. */
    double ofBroker(String metric, String broker) throws JMException {
        return value(bean(Map.of("broker", broker)), metric);
    }

    /** How many messages or positions the task's broker has lost for a reason. */
    double dropped(String reason, String broker) throws JMException {
        return value(bean(Map.of("broker", broker, "reason", reason)), "sluice-dropped-messages-total");
    }

    private ObjectName bean(Map<String, String> tags) throws JMException {
        StringBuilder name = new StringBuilder("kafka.connect:type=plugins,task=0,connector=" + connector);
        tags.forEach((tag, value) -> name.append(',').append(tag).append('=').append(value));
        return new ObjectName(name.toString());
    }

    private static double value(ObjectName bean, String metric) throws JMException {
        Object value = JMX.getAttribute(bean, metric);
        assertThat(value).as(metric).isInstanceOf(Double.class);
        return (Double) value;
    }
}
