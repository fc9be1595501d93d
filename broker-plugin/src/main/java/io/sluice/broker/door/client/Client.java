package io.sluice.broker.door.client;

import io.moquette.broker.MoquetteClient;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.util.NetUtil;
import io.sluice.broker.access.AccessGrant;
import io.sluice.broker.access.AuditLog;
import io.sluice.broker.access.RenewableGrant;
import io.sluice.broker.door.transport.Listener.Transport;
import io.sluice.broker.packet.Packets;
import io.sluice.message.Message;
import io.sluice.status.ConnectedClient;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The client of a connection whose CONNECT is valid.
 *
 * @param id client identifier, the client's own or one that the broker assigned
 * @param isAssigned whether the broker assigned it
 * @param username user name, if it gave one
 * @param protocolLevel 3, 4 or 5: MQTT 3.1, 3.1.1 or 5
 * @param isBridge whether it says that it is another broker
 * @param sessionExpirySeconds how long its session outlives its connection, in seconds; 0xFFFFFFFF for ever
 * @param keepAliveSeconds its keep-alive, in seconds: it may be silent for half as long again, and with 0 for ever
 * @param address its network address
 * @param certificate its certificate, if it has shown one
 * @param authenticationMethod the method of enhanced authentication (section 4.12), if it uses one
 * @param grant the grant under which it is connected
 */
public record Client(
        String id,
        boolean isAssigned,
        Optional<String> username,
        int protocolLevel,
        boolean isBridge,
        long sessionExpirySeconds,
        int keepAliveSeconds,
        SocketAddress address,
        Optional<PeerCertificate> certificate,
        Optional<String> authenticationMethod,
        AccessGrant grant) {

    private static final int MQTT_5 = 5;
    private static final int MQTT_3_1 = 3;

    /** The client that sends a CONNECT; it gets an identifier if it has none. */
    public static Client of(
            MqttConnectMessage connect,
            boolean isBridge,
            ClientLimits clientLimits,
            SocketAddress address,
            Optional<PeerCertificate> certificate) {
        String ownId = ConnectCheck.clientId(connect);
        return new Client(
                ownId.isEmpty() ? UUID.randomUUID().toString().replace("-", "") : ownId,
                ownId.isEmpty(),
                Optional.ofNullable(connect.payload().userName()).filter(name -> !name.isEmpty()),
                connect.variableHeader().version(),
                isBridge,
                MoquetteClient.grantedExpiry(connect, clientLimits.maxSessionExpirySeconds()),
                clientLimits.keepAliveSeconds(connect.variableHeader()),
                address,
                certificate,
                ConnectCheck.authenticationMethod(connect.variableHeader().properties()),
                AccessGrant.ALWAYS);
    }

    /** The same client, authenticated as a user or as none. */
    public Client as(Optional<String> user, AccessGrant by) {
        return new Client(
                id,
                isAssigned,
                user,
                protocolLevel,
                isBridge,
                sessionExpirySeconds,
                keepAliveSeconds,
                address,
                certificate,
                authenticationMethod,
                authenticationMethod.isPresent() ? new RenewableGrant(by) : by);
    }

    /** The common name of its certificate, if it has shown one that has it. */
    public Optional<String> certificateName() {
        return certificate.flatMap(PeerCertificate::commonName);
    }

    /** The message in a PUBLISH of this client. */
    public Message message(MqttPublishMessage publish, long nowMs, ByteBuffer payload) {
        return Packets.message(publish, id, username, certificateName(), nowMs, payload);
    }

    /** Whether it understands reason codes. */
    public boolean speaksMqtt5() {
        return protocolLevel == MQTT_5;
    }

    /** Whether its session ends as soon as its connection is gone. */
    public boolean sessionEndsWithConnection() {
        return sessionExpirySeconds == 0;
    }

    /** The client as the status shows it, connected now. */
    public ConnectedClient connectedBy(Transport transport) {
        return new ConnectedClient(
                id,
                username,
                addressText(),
                switch (protocolLevel) {
                    case MQTT_5 -> "5";
                    case MQTT_3_1 -> "3.1";
                    default -> "3.1.1";
                },
                Instant.now(),
                0,
                transport.toString());
    }

    /** The client as the audit log names it. */
    public AuditLog.Who who() {
        return new AuditLog.Who(addressText(), id, username, certificate.map(PeerCertificate::subject));
    }

    private String addressText() {
        return address instanceof InetSocketAddress inet
                ? NetUtil.toSocketAddressString(inet)
                : String.valueOf(address);
    }

    @Override
    public String toString() {
        return "client '" + id + "' at " + address;
    }
}
