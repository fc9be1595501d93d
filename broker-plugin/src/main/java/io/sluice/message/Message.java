package io.sluice.message;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A message as a device published it, with what the broker knows of it.
 *
 * <p>Immutable as long as its holder does not modify {@code payload}: that buffer is a view, so that a message is
 * copied once on its way from the network into the log and once on its way out. A message made from a network packet is
 * valid only until that packet is released; one read from a log owns its payload.
 *
 * @param kind what made the message
 * @param clientId MQTT client identifier of the publisher
 * @param username user name of the publisher, if it gave one
 * @param certificateName common name of the publisher's client certificate, if it has shown one that has it
 * @param topic topic name, without wildcards
 * @param qos quality of service chosen by the publisher
 * @param retained the RETAIN flag of the PUBLISH
 * @param duplicate the DUP flag of the PUBLISH
 * @param packetId packet identifier, 1 to 65,535; 0 where there is none (QoS 0)
 * @param receivedAtMs when the broker received it, milliseconds since the epoch
 * @param payload application message, from the buffer's position to its limit
 */
public record Message(
        MessageKind kind,
        String clientId,
        Optional<String> username,
        Optional<String> certificateName,
        String topic,
        Qos qos,
        boolean retained,
        boolean duplicate,
        int packetId,
        long receivedAtMs,
        PublishProperties properties,
        ByteBuffer payload) {}
