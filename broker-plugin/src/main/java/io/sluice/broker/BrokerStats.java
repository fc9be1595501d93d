package io.sluice.broker;

import io.sluice.buffer.BufferStats;

/**
 * A broker at one moment.
 *
 * @param buffer what it captures into
 * @param listening whether devices can connect; false while the broker is started again, or if it could not be
 * @param connectedClients MQTT clients that are connected
 * @param queuedBytes what clients have sent and waits in memory for its turn
 * @param refused publishes that were refused since the broker was last started, with or without closing the connection:
 *     not authorised, malformed, or rejected by the buffer
 * @param restarts how often the broker was started again because a session loop had died
 */
public record BrokerStats(
        BufferStats buffer, boolean listening, int connectedClients, long queuedBytes, long refused, long restarts) {}
