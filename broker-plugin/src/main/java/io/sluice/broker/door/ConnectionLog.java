package io.sluice.broker.door;

import io.sluice.broker.access.AuditLog.Event;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.LimitedLog.Kind;
import io.sluice.broker.packet.Reason;

/**
 * Counts, logs and audits the beginning and the end of one connection.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class ConnectionLog {

    private final DoorParts door;
    private boolean hasConnected;
    private String ending = "the connection was lost";

    ConnectionLog(DoorParts door) {
        this.door = door;
    }

    /** The client gets CONNACK. */
    void connected(Client client) {
        hasConnected = true;
        door.access.audit().say(Event.CONNECT, client.who());
    }

    /** The connection closes before a valid CONNECT. */
    void turnedAway(Object peer, String why) {
        door.counts.turnedAway.increment();
        door.log.say(Kind.TURNED_AWAY, "Closing a connection from {}: {}", peer, why);
    }

    void refused(Client client, Reason reason, String why) {
        door.counts.refusedClients.increment();
        door.log.say(Kind.REFUSED, "Refusing {}: {}: {}", client, reason, why);
        door.access.audit().say(Event.REFUSE, client.who(), "reason", reason.name(), "why", why);
    }

    /** The connection closes for what its client did, or did not do. */
    void closed(Object client, Object why) {
        door.counts.closedConnections.increment();
        door.log.say(Kind.CLOSED, "Closing the connection of {}: {}", client, why);
    }

    /** The connection closes because the network is gone. */
    void silent(Object client) {
        door.log.say(Kind.CLOSED, "Closing the connection of {}: silent for longer than its keep-alive allows", client);
        ending = "it was silent for longer than its keep-alive allows";
    }

    void failed(Object client, Throwable failure) {
        door.log.say(Kind.FAILED, "A packet cannot be written to {}: {}", client, failure);
    }

    void crashed(Object client, Throwable cause) {
        door.log.say(Kind.FAILED, "Closing the connection of {}", client, cause);
    }

    /** @param why for the audit log, a clause */
    void ends(String why) {
        ending = why;
    }

    void disconnected(Client client) {
        if (hasConnected) {
            door.access.audit().say(Event.DISCONNECT, client.who(), "why", ending);
        }
    }
}
