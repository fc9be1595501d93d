package io.sluice.status;

import java.time.Instant;
import java.util.Optional;

/**
 * An MQTT client that has a connection.
 *
 * @param username its user name, if it gave one
 * @param address where it comes from
 * @param protocol the version of MQTT: 3.1, 3.1.1 or 5
 * @param connectedAt when it was let in
 * @param queued messages that wait for it
 * @param transport tcp, ssl, ws or wss
 */
public record ConnectedClient(
        String clientId,
        Optional<String> username,
        String address,
        String protocol,
        Instant connectedAt,
        int queued,
        String transport) {

    /** The same client for whom so many messages wait. */
    public ConnectedClient withQueued(int messages) {
        return new ConnectedClient(clientId, username, address, protocol, connectedAt, messages, transport);
    }
}
