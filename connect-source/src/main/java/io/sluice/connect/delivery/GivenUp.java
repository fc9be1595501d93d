package io.sluice.connect.delivery;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the records that Kafka Connect has given up because something failed from those that a transformation left out on
 * purpose. Kafka Connect says the same of both: that there is no place in Kafka for them.
 *
 * <p>Only with {@code errors.tolerance=all} it gives records up. Those it gives up on a thread of the producer were refused
 * by Kafka; without transformations none is left out on purpose. For the rest its own count of failures decides, which it
 * shows over JMX. Where records are reported late, as with exactly-once, failures of one poll cannot be told from what was
 * left out in the same poll: then all of them count as given up, so that none is lost. Thread-safe.
 */
public final class GivenUp {

    private static final Logger LOG = LoggerFactory.getLogger(GivenUp.class);

    private static final String SKIPPED = "total-records-skipped";

    private final Tolerance tolerance;
    private final boolean transformed;
    private final String connector;
    private final @Nullable ObjectName errors;
    private final MBeanServer metrics = ManagementFactory.getPlatformMBeanServer();
    private double counted;
    private boolean inThisPoll;

    /** Whether Kafka Connect reports what this poll has returned when it has gone on to later records. */
    private boolean late;

    private boolean blind;

    /** @param transformed whether they go through transformations */
    public GivenUp(Tolerance tolerance, boolean transformed, String connector, int task) {
        this.tolerance = tolerance;
        this.transformed = transformed;
        this.connector = connector;
        this.errors = name(connector, task);
        this.counted = failures();
    }

    private static @Nullable ObjectName name(String connector, int task) {
        try {
            // Kafka quotes what JMX does not take as it is.
            String name = connector.matches("[\\w-%. \t]*") ? connector : ObjectName.quote(connector);
            return new ObjectName("kafka.connect:type=task-error-metrics,connector=" + name + ",task=" + task);
        } catch (JMException e) {
            return null;
        }
    }

    boolean isPossible() {
        return tolerance == Tolerance.ALL;
    }

    synchronized void polling() {
        inThisPoll = false;
        late = false;
    }

    /**
     * Whether a record that is not in Kafka, and never will be, was given up.
     *
     * @param atOnce whether Kafka Connect reports it while it is at this record, as far as can be seen: it is at the last one
     *     also when it is late
     * @param onProducer whether a thread of the producer reports it
     */
    synchronized boolean is(boolean atOnce, boolean onProducer) {
        if (tolerance == Tolerance.NONE) {
            return false;
        }
        if (onProducer || !transformed) {
            return true;
        }
        double now = failures();
        boolean failed = now > counted;
        counted = now;
        inThisPoll |= failed;
        late |= !atOnce;
        return late ? inThisPoll : failed;
    }

    private double failures() {
        if (tolerance == Tolerance.NONE || !transformed) {
            return 0;
        }
        try {
            if (errors != null && metrics.getAttribute(errors, SKIPPED) instanceof Number number) {
                return number.doubleValue();
            }
        } catch (JMException e) {
            LOG.debug("Kafka Connect's count of failures cannot be read", e);
        }
        if (!blind) {
            blind = true;
            LOG.warn(
                    "{}: the worker does not show its metrics over JMX. Sluice cannot tell a record at which a"
                            + " transformation fails from one that it leaves out, and makes no dead letter of it.",
                    connector);
        }
        return counted;
    }
}
