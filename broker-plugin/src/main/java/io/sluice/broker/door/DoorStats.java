package io.sluice.broker.door;

/**
 * The front door at one moment; what is counted is counted since it was opened.
 *
 * @param listening whether all listeners are open
 * @param connectedClients clients that have a connection
 * @param connections connections, also of those who have not said who they are
 * @param sessions sessions, with and without a connection
 * @param queuedBytes what clients have sent and waits in memory for its turn, in bytes
 * @param turnedAway connections that were closed before a CONNECT came that could be understood
 * @param refusedClients clients that were refused when they wanted to connect
 * @param closedConnections connections that were closed for what their clients did, or did not do
 * @param refusedPublishes publishes that were refused, with or without closing the connection
 * @param delayedPublishes publishes that have waited, because more was published than may be
 * @param exceedingPublishes of the refused publishes, those that were refused because more was published than may be
 * @param acceptPauses how often the listeners have stopped accepting for a moment, because more connected than may
 * @param heldOffClients clients that were refused because they connect over and over, or guess too many passwords at once
 * @param wrongPasswords logins with a wrong user name or password
 * @param delayedLogins logins that have waited, because of wrong passwords before
 * @param undelivered messages that did not reach a subscriber, because it does not read or takes no packet as large
 */
public record DoorStats(
        boolean listening,
        int connectedClients,
        int connections,
        int sessions,
        long queuedBytes,
        long turnedAway,
        long refusedClients,
        long closedConnections,
        long refusedPublishes,
        long delayedPublishes,
        long exceedingPublishes,
        long acceptPauses,
        long heldOffClients,
        long wrongPasswords,
        long delayedLogins,
        long undelivered) {}
