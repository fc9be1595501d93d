package io.sluice.broker.door;

/**
 * The front door at one moment; counts begin with its opening.
 *
 * @param listening whether all listeners are open
 * @param connectedClients clients that have a connection
 * @param connections connections, including those that have not sent CONNECT yet
 * @param sessions sessions, with and without a connection
 * @param queuedBytes packets that wait in memory, in bytes
 * @param turnedAway connections that were closed before a CONNECT came that could be understood
 * @param refusedClients clients that were refused when they wanted to connect
 * @param closedConnections connections that were closed for what their clients did, or did not do
 * @param refusedPublishes publishes that were refused, with or without closing the connection
 * @param delayedPublishes publishes that had to wait because a publish limit was exceeded
 * @param exceedingPublishes those of the refused publishes that exceeded a publish limit
 * @param acceptPauses how often the listeners have stopped accepting for a moment, because clients connected too often
 * @param heldOffClients clients that were refused because they connected too often, or tried too many passwords at once
 * @param wrongPasswords logins with a wrong user name or password
 * @param delayedLogins logins that have waited, because of wrong passwords before
 * @param undelivered messages that did not reach a subscriber because it does not read, or accepts no packet of that
 *     size
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
