package io.sluice.broker.server;

import io.sluice.broker.BrokerStats;
import io.sluice.buffer.BufferStats;
import io.sluice.remote.DrainStats;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows over JMX what goes on in a standalone broker. Nothing is measured here: each attribute asks the broker. */
final class BrokerMetrics implements BrokerMXBean {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerMetrics.class);

    private final Supplier<BrokerStats> stats;
    private final Supplier<DrainStats> drain;

    private BrokerMetrics(Supplier<BrokerStats> stats, Supplier<DrainStats> drain) {
        this.stats = stats;
        this.drain = drain;
    }

    /** Shows a broker, and who drains its buffer, until the process ends. */
    static void show(String name, Supplier<BrokerStats> stats, Supplier<DrainStats> drain) {
        try {
            ManagementFactory.getPlatformMBeanServer()
                    .registerMBean(
                            new BrokerMetrics(stats, drain),
                            new ObjectName("io.sluice:type=Broker,name=" + ObjectName.quote(name)));
        } catch (JMException e) {
            LOG.warn("The broker runs, but JMX does not show it: {}", e.toString());
        }
    }

    private BufferStats buffer() {
        return stats.get().buffer();
    }

    @Override
    public long getCapturedMessagesTotal() {
        return buffer().appended();
    }

    @Override
    public long getCapturedBytesTotal() {
        return buffer().appendedBytes();
    }

    @Override
    public Map<String, Long> getDroppedMessagesTotal() {
        return byReason(buffer().dropped());
    }

    private static Map<String, Long> byReason(Map<? extends Enum<?>, Long> counts) {
        Map<String, Long> byReason = new TreeMap<>();
        counts.forEach((reason, count) -> byReason.put(reason.name().toLowerCase(Locale.ROOT), count));
        return byReason;
    }

    @Override
    public long getRejectedMessagesTotal() {
        return buffer().rejected();
    }

    @Override
    public int getWithheldAcknowledgements() {
        return buffer().withheld();
    }

    @Override
    public long getGroupCommitsTotal() {
        return buffer().groups();
    }

    @Override
    public double getGroupCommitSizeAvg() {
        return buffer().recentGroups().averageRecords();
    }

    @Override
    public long getGroupCommitSizeMax() {
        return buffer().recentGroups().mostRecords();
    }

    @Override
    public double getGroupCommitTimeMsAvg() {
        return buffer().recentGroups().averageMs();
    }

    @Override
    public double getGroupCommitTimeMsMax() {
        return buffer().recentGroups().longestMs();
    }

    @Override
    public long getBufferBytes() {
        return buffer().bytes();
    }

    @Override
    public long getBufferMaxBytes() {
        return buffer().maxBytes();
    }

    @Override
    public int getBufferSegments() {
        return buffer().segments();
    }

    @Override
    public boolean isBufferFull() {
        return buffer().full();
    }

    @Override
    public boolean isBufferStalled() {
        return buffer().stalled();
    }

    @Override
    public boolean isBrokerListening() {
        return stats.get().door().listening();
    }

    @Override
    public int getConnectedClients() {
        return stats.get().door().connectedClients();
    }

    @Override
    public long getFrontDoorQueuedBytes() {
        return stats.get().door().queuedBytes();
    }

    @Override
    public long getRefusedPublishesTotal() {
        return stats.get().door().refusedPublishes();
    }

    @Override
    public int getConnections() {
        return stats.get().door().connections();
    }

    @Override
    public long getTurnedAwayConnectionsTotal() {
        return stats.get().door().turnedAway();
    }

    @Override
    public long getRefusedClientsTotal() {
        return stats.get().door().refusedClients();
    }

    @Override
    public long getClosedConnectionsTotal() {
        return stats.get().door().closedConnections();
    }

    @Override
    public int getSessions() {
        return stats.get().door().sessions();
    }

    @Override
    public long getSessionQueueMessages() {
        return stats.get().memory().queuedMessages();
    }

    @Override
    public long getSessionQueueDroppedTotal() {
        return stats.get().memory().droppedInAll();
    }

    @Override
    public long getUndeliveredMessagesTotal() {
        return stats.get().door().undelivered();
    }

    @Override
    public int getRetainedMessages() {
        return stats.get().memory().retainedMessages();
    }

    @Override
    public int getDrainAttachedTasks() {
        return drain.get().attached();
    }

    @Override
    public long getDrainSentBytesTotal() {
        return drain.get().sentBytes();
    }

    @Override
    public Map<String, Long> getDrainRefusedTotal() {
        return byReason(drain.get().refused());
    }

    @Override
    public Map<String, Long> getLagPositions() {
        BufferStats now = buffer();
        Map<String, Long> byConnector = new TreeMap<>();
        now.consumers().forEach(consumer -> byConnector.put(consumer.name(), now.end() - consumer.floor()));
        return byConnector;
    }
}
