package io.sluice.broker.server;

import java.util.Map;

/**
 * What a standalone broker shows over JMX, as {@code io.sluice:type=Broker}. Counts begin with the start of the process,
 * but for {@link #getRefusedPublishesTotal}. {@code metrics.md} of the connector's archive explains each.
 */
public interface BrokerMXBean {

    long getCapturedMessagesTotal();

    long getCapturedBytesTotal();

    /** By reason, in lower case. */
    Map<String, Long> getDroppedMessagesTotal();

    long getRejectedMessagesTotal();

    int getWithheldAcknowledgements();

    long getGroupCommitsTotal();

    double getGroupCommitSizeAvg();

    long getGroupCommitSizeMax();

    double getGroupCommitTimeMsAvg();

    double getGroupCommitTimeMsMax();

    long getBufferBytes();

    long getBufferMaxBytes();

    int getBufferSegments();

    boolean isBufferFull();

    boolean isBufferStalled();

    boolean isBrokerListening();

    int getConnectedClients();

    long getFrontDoorQueuedBytes();

    long getRefusedPublishesTotal();

    /** Also those of whoever has not said who they are. */
    int getConnections();

    long getTurnedAwayConnectionsTotal();

    long getRefusedClientsTotal();

    long getClosedConnectionsTotal();

    int getSessions();

    long getSessionQueueMessages();

    long getSessionQueueDroppedTotal();

    long getUndeliveredMessagesTotal();

    int getRetainedMessages();

    /** How many tasks of workers elsewhere are attached now. */
    int getDrainAttachedTasks();

    /** Bytes of records handed to their connections. */
    long getDrainSentBytesTotal();

    /** Who was not let in to drain the buffer, by reason, in lower case. */
    Map<String, Long> getDrainRefusedTotal();

    /** By connector, how many positions the buffer holds for it. */
    Map<String, Long> getLagPositions();
}
