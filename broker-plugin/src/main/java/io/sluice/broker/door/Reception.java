package io.sluice.broker.door;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.sluice.broker.access.Arrival;
import io.sluice.broker.access.Verdict;
import io.sluice.broker.packet.Reason;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Finds out who sends a CONNECT, and whether they may come in. It is asked for in the order in which CONNECTs come, and
 * answered in another one: a password may take long to check.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class Reception {

    static final String OF_ANOTHER_USER = "the session of this client identifier belongs to another user";

    private final FrontDoor door;
    private final Channel channel;
    private final MqttConnectMessage connect;
    private final Client client;
    private final long order;

    /** Whoever waits for the answer. */
    interface Host {

        /**
         * A client may come in.
         *
         * @param client with the user name that it has shown to be its own, and what lets it in
         * @param order a number higher than that of all clients that have asked before
         */
        void welcome(Client client, Optional<Will> will, long order);

        /** A client may not. */
        void refuse(Client client, Reason reason, String why);
    }

    Reception(FrontDoor door, Channel channel, MqttConnectMessage connect, boolean isBridge, SocketAddress address) {
        this.door = door;
        this.channel = channel;
        this.connect = connect;
        this.client = Client.of(connect, isBridge, door.terms(), address, PeerCertificate.of(channel));
        this.order = door.nextArrival();
    }

    /** Who it says that it is. */
    Client client() {
        return client;
    }

    /** About how much memory the CONNECT takes as long as it is not answered, in bytes. */
    int connectBytes() {
        return connect.fixedHeader().remainingLength();
    }

    /**
     * Asks.
     *
     * @param isAwaited whether anybody still waits for the answer; asked on any thread
     * @param host is called once on the event loop, perhaps before this returns; perhaps not if nobody waits
     */
    void ask(BooleanSupplier isAwaited, Host host) {
        Optional<byte[]> shown =
                ConnectCheck.authenticationData(connect.variableHeader().properties());
        Arrival arrival = new Arrival(
                client.id(),
                client.username(),
                Optional.ofNullable(connect.payload().passwordInBytes()),
                client.authenticationMethod().map(method -> shown.orElseGet(() -> new byte[0])),
                client.certificate().map(PeerCertificate::shown),
                heldBytes() + shown.map(token -> token.length).orElse(0),
                isAwaited);
        door.entrance().admit(arrival, verdict -> {
            if (channel.eventLoop().inEventLoop()) {
                decided(verdict, host);
            } else {
                LateCall.on(channel.eventLoop(), () -> decided(verdict, host));
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

    private void decided(Verdict verdict, Host host) {
        if (verdict instanceof Verdict.Unwelcome unwelcome) {
            host.refuse(client, unwelcome.reason(), unwelcome.why());
        } else if (verdict instanceof Verdict.Welcome welcome) {
            Client known = client.as(welcome.username(), welcome.pass());
            Optional<Will> will = Will.of(connect);
            Reason ofWill = will.map(left -> PublishCheck.checkTopic(
                            left.topic(), door.entrance().rights(), known))
                    .orElse(Reason.SUCCESS);
            Optional<String> objection = known.pass().objection();
            if (objection.isPresent()) {
                // Before it takes over the connection of another with its client id.
                host.refuse(known, Reason.NOT_AUTHORIZED, objection.get());
            } else if (ofWill != Reason.SUCCESS) {
                host.refuse(known, ofWill, "its will may not be published to its topic");
            } else if (door.entrance().sessionsHaveOwners()
                    && !Presence.mayTakeOver(known.username(), door.moquette().owner(known.id()))) {
                host.refuse(known, Reason.CLIENT_IDENTIFIER_NOT_VALID, OF_ANOTHER_USER);
            } else {
                host.welcome(known, will, order);
            }
        }
    }
}
