package io.sluice.broker.door;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.sluice.broker.access.Credentials;
import io.sluice.broker.access.LoginResult;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.ConnectCheck;
import io.sluice.broker.door.client.PeerCertificate;
import io.sluice.broker.door.client.PublishCheck;
import io.sluice.broker.door.client.Will;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.packet.Reason;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A CONNECT, and the decision whether its client may connect: user, client id, will, owner of the session. Requests are
 * numbered as they arrive and decided in another order, since a password takes long to check.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class ConnectRequest {

    static final String OF_ANOTHER_USER = "the session of this client identifier belongs to another user";

    private final DoorParts door;
    private final Channel channel;
    private final MqttConnectMessage connect;
    private final Client client;
    private final long order;

    interface Outcome {

        /**
         * The client may connect.
         *
         * @param client with its authenticated user name and its grant
         * @param order a number higher than that of all clients that have asked before
         */
        void accepted(Client client, Optional<Will> will, long order);

        void refused(Client client, Reason reason, String why);
    }

    ConnectRequest(
            DoorParts door, Channel channel, MqttConnectMessage connect, boolean isBridge, SocketAddress address) {
        this.door = door;
        this.channel = channel;
        this.connect = connect;
        this.client = Client.of(connect, isBridge, door.clientLimits, address, PeerCertificate.of(channel));
        this.order = door.nextArrival();
    }

    /** The client as its CONNECT describes it, not yet authenticated. */
    Client client() {
        return client;
    }

    /** About how much memory the CONNECT takes as long as it is not answered, in bytes. */
    int connectBytes() {
        return connect.fixedHeader().remainingLength();
    }

    /**
     * @param isAwaited whether an answer is still awaited; called on any thread
     * @param outcome is called once on the event loop, perhaps before this returns; perhaps not if no answer is awaited
     */
    void ask(BooleanSupplier isAwaited, Outcome outcome) {
        Optional<byte[]> shown =
                ConnectCheck.authenticationData(connect.variableHeader().properties());
        Credentials credentials = new Credentials(
                client.id(),
                client.username(),
                Optional.ofNullable(connect.payload().passwordInBytes()),
                client.authenticationMethod().map(method -> shown.orElseGet(() -> new byte[0])),
                client.certificate().map(PeerCertificate::chain).orElse(List.of()),
                heldBytes() + shown.map(token -> token.length).orElse(0),
                isAwaited);
        door.access.admit(credentials, result -> {
            if (channel.eventLoop().inEventLoop()) {
                decided(result, outcome);
            } else {
                EventLoopCall.on(channel, () -> decided(result, outcome));
            }
        });
    }

    private int heldBytes() {
        int passwordBytes = Optional.ofNullable(connect.payload().passwordInBytes())
                .map(password -> password.length)
                .orElse(0);
        return client.id().length()
                + client.username().map(String::length).orElse(0)
                + passwordBytes
                + Will.of(connect).map(Will::heldBytes).orElse(0);
    }

    private void decided(LoginResult result, Outcome outcome) {
        if (result instanceof LoginResult.Refused refused) {
            outcome.refused(client, refused.reason(), refused.why());
        } else if (result instanceof LoginResult.Accepted accepted) {
            Client known = client.as(accepted.username(), accepted.grant());
            Optional<Will> will = Will.of(connect);
            Reason ofWill = will.map(left -> PublishCheck.checkTopic(left.topic(), door.access.rights(), known))
                    .orElse(Reason.SUCCESS);
            Optional<String> objection = known.grant().objection();
            if (objection.isPresent()) {
                // Before it takes over the connection of another with its client id.
                outcome.refused(known, Reason.NOT_AUTHORIZED, objection.get());
            } else if (ofWill != Reason.SUCCESS) {
                outcome.refused(known, ofWill, "its will may not be published to its topic");
            } else if (door.access.sessionsHaveOwners()
                    && !ClientConnections.mayTakeOver(known.username(), door.moquette.owner(known.id()))) {
                outcome.refused(known, Reason.CLIENT_IDENTIFIER_NOT_VALID, OF_ANOTHER_USER);
            } else {
                outcome.accepted(known, will, order);
            }
        }
    }
}
