package io.sluice.connect.telemetry;

import io.sluice.status.Sample;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka Connect's own metrics of the tasks of its worker, of every connector: it shows them over JMX. Thread-safe.
 */
final class WorkerMetrics {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerMetrics.class);

    private static final String DOMAIN = "kafka.connect:type=";
    private static final String TASKS = "connector-task-metrics";
    private static final String PREFIX = "kafka-connect-";
    private static final String STATUS = "status";
    private static final List<String> OTHERS = List.of("source-task", "task-error");

    private static final MBeanServer JMX = ManagementFactory.getPlatformMBeanServer();

    private WorkerMetrics() {}

    static boolean hasTask(String connector, int task) {
        return beans(TASKS).stream()
                .map(WorkerMetrics::labels)
                .anyMatch(labels -> connector.equals(labels.get("connector"))
                        && Integer.toString(task).equals(labels.get("task")));
    }

    static List<Sample> samples() {
        List<Sample> samples = new ArrayList<>();
        for (ObjectName bean : beans(TASKS)) {
            try {
                Map<String, String> labels = labels(bean);
                labels.put(STATUS, String.valueOf(JMX.getAttribute(bean, STATUS)));
                samples.add(new Sample(PREFIX + "task-status", "1 for the status that the task has", labels, 1));
            } catch (JMException gone) {
                LOG.debug("A task has gone while it was looked at", gone);
            }
        }
        for (String group : OTHERS) {
            beans(group + "-metrics").forEach(bean -> add(samples, group, bean));
        }
        return samples;
    }

    private static void add(List<Sample> samples, String group, ObjectName bean) {
        try {
            for (MBeanAttributeInfo attribute : JMX.getMBeanInfo(bean).getAttributes()) {
                if (JMX.getAttribute(bean, attribute.getName()) instanceof Number number) {
                    samples.add(new Sample(
                            PREFIX + group + "-" + attribute.getName(),
                            attribute.getDescription(),
                            labels(bean),
                            number.doubleValue()));
                }
            }
        } catch (JMException gone) {
            LOG.debug("A task has gone while it was looked at", gone);
        }
    }

    private static Set<ObjectName> beans(String type) {
        try {
            return JMX.queryNames(new ObjectName(DOMAIN + type + ",*"), null);
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> labels(ObjectName bean) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String key : List.of("connector", "task")) {
            String value = String.valueOf(bean.getKeyProperty(key));
            labels.put(key, value.startsWith("\"") ? ObjectName.unquote(value) : value);
        }
        return labels;
    }
}
