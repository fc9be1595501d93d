package io.sluice.broker.server;

import io.sluice.broker.BrokerMetric;
import io.sluice.broker.BrokerStats;
import io.sluice.buffer.BufferStats;
import io.sluice.remote.DrainStats;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;
import javax.management.openmbean.TabularDataSupport;
import javax.management.openmbean.TabularType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a standalone broker shows over JMX, as {@code io.sluice:type=Broker}: {@link BrokerMetric}, and who drains its
 * buffer. The name of an attribute is that of the metric without dashes. Nothing is measured here. Thread-safe.
 */
final class BrokerMBean implements DynamicMBean {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerMBean.class);

    private static final String KEY = "key";
    private static final String VALUE = "value";

    private record Shown(String description, OpenType<?> type, Supplier<Object> value) {}

    private final Map<String, Shown> attributes = new LinkedHashMap<>();
    private final TabularType byName;

    private BrokerMBean(Supplier<BrokerStats> stats, Supplier<DrainStats> drain) throws OpenDataException {
        String[] columns = {KEY, VALUE};
        OpenType<?>[] types = {SimpleType.STRING, SimpleType.LONG};
        String map = "java.util.Map<java.lang.String, java.lang.Long>";
        byName = new TabularType(map, map, new CompositeType(map, map, columns, columns, types), new String[] {KEY});
        BrokerStats first = stats.get();
        for (BrokerMetric metric : BrokerMetric.values()) {
            show(metric.label(), metric.description(), type(metric.of(first)), () -> metric.of(stats.get()));
        }
        showTable(BrokerMetric.DROPPED, BrokerMetric.DROPPED_DESCRIPTION, () -> BrokerMetric.dropped(stats.get()));
        showTable(
                "lag-positions",
                "Positions that the buffer holds, by connector",
                () -> lag(stats.get().buffer()));
        show(
                DrainMetrics.ATTACHED,
                DrainMetrics.ATTACHED_DESCRIPTION,
                SimpleType.INTEGER,
                () -> drain.get().attached());
        show(
                DrainMetrics.SENT_BYTES,
                DrainMetrics.SENT_BYTES_DESCRIPTION,
                SimpleType.LONG,
                () -> drain.get().sentBytes());
        showTable(DrainMetrics.REFUSED, DrainMetrics.REFUSED_DESCRIPTION, () -> DrainMetrics.refused(drain.get()));
    }

    /** Shows a broker, and who drains its buffer, until the process ends. */
    static void show(String name, Supplier<BrokerStats> stats, Supplier<DrainStats> drain) {
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .registerMBean(
                            new BrokerMBean(stats, drain),
                            new ObjectName("io.sluice:type=Broker,name=" + ObjectName.quote(name)));
        } catch (JMException e) {
            LOG.warn("The broker runs, but JMX does not show it: {}", e.toString());
        }
    }

    private static OpenType<?> type(Object value) {
        if (value instanceof Boolean) {
            return SimpleType.BOOLEAN;
        } else if (value instanceof Integer) {
            return SimpleType.INTEGER;
        }
        return value instanceof Long ? SimpleType.LONG : SimpleType.DOUBLE;
    }

    private void show(String label, String description, OpenType<?> type, Supplier<Object> value) {
        String name = Arrays.stream(label.split("-", -1))
                .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                .collect(Collectors.joining());
        attributes.put(name, new Shown(description, type, value));
    }

    private void showTable(String label, String description, Supplier<Map<String, Long>> values) {
        show(label, description, byName, () -> table(values.get()));
    }

    private TabularDataSupport table(Map<String, Long> values) {
        TabularDataSupport table = new TabularDataSupport(byName);
        values.forEach((key, value) -> {
            try {
                table.put(new CompositeDataSupport(byName.getRowType(), Map.of(KEY, key, VALUE, value)));
            } catch (OpenDataException e) {
                throw new IllegalStateException(e);
            }
        });
        return table;
    }

    private static Map<String, Long> lag(BufferStats now) {
        Map<String, Long> byConnector = new TreeMap<>();
        now.consumers().forEach(consumer -> byConnector.put(consumer.name(), now.end() - consumer.floor()));
        return byConnector;
    }

    @Override
    public Object getAttribute(String name) throws AttributeNotFoundException {
        Shown shown = attributes.get(name);
        if (shown == null) {
            throw new AttributeNotFoundException(name);
        }
        return shown.value.get();
    }

    @Override
    public AttributeList getAttributes(String[] names) {
        AttributeList values = new AttributeList();
        for (String name : names) {
            Shown shown = attributes.get(name);
            if (shown != null) {
                values.add(new Attribute(name, shown.value.get()));
            }
        }
        return values;
    }

    @Override
    public MBeanInfo getMBeanInfo() {
        return new MBeanInfo(
                BrokerMBean.class.getName(),
                "A standalone MQTT broker of Sluice",
                attributes.entrySet().stream()
                        .map(attribute -> new MBeanAttributeInfo(
                                attribute.getKey(),
                                attribute.getValue().type().getClassName(),
                                attribute.getValue().description(),
                                true,
                                false,
                                false))
                        .toArray(MBeanAttributeInfo[]::new),
                null,
                null,
                null);
    }

    @Override
    public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
        throw new AttributeNotFoundException(attribute.getName() + " can only be read");
    }

    @Override
    public AttributeList setAttributes(AttributeList values) {
        return new AttributeList();
    }

    @Override
    public @Nullable Object invoke(String operation, Object @Nullable [] parameters, String @Nullable [] signature) {
        throw new UnsupportedOperationException(operation + ": there are attributes only");
    }
}
