package io.sluice.connect;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.DynamicMBean;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.ObjectName;

/** Kafka Connect's count of failures of a connector's first task, as it shows it over JMX. */
public final class FailureCount implements DynamicMBean, AutoCloseable {

    private static final String SKIPPED = "total-records-skipped";

    private final AtomicInteger failures = new AtomicInteger();
    private final ObjectName name;

    private FailureCount(ObjectName name) {
        this.name = name;
    }

    static FailureCount of(String connector) throws JMException {
        FailureCount shown = new FailureCount(
                new ObjectName("kafka.connect:type=task-error-metrics,connector=" + connector + ",task=0"));
        ManagementFactory.getPlatformMBeanServer().registerMBean(shown, shown.name);
        return shown;
    }

    void add() {
        failures.incrementAndGet();
    }

    @Override
    public Object getAttribute(String attribute) {
        return (double) failures.get();
    }

    @Override
    public AttributeList getAttributes(String[] attributes) {
        AttributeList all = new AttributeList();
        all.add(new Attribute(SKIPPED, getAttribute(SKIPPED)));
        return all;
    }

    @Override
    public void setAttribute(Attribute attribute) {
        throw new UnsupportedOperationException();
    }

    @Override
    public AttributeList setAttributes(AttributeList attributes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Object invoke(String action, Object[] parameters, String[] signature) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MBeanInfo getMBeanInfo() {
        MBeanAttributeInfo skipped =
                new MBeanAttributeInfo(SKIPPED, "double", "records skipped due to errors", true, false, false);
        return new MBeanInfo(
                FailureCount.class.getName(), "failures", new MBeanAttributeInfo[] {skipped}, null, null, null);
    }

    @Override
    public void close() throws JMException {
        ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
    }
}
