package io.sluice.broker.door.publish;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.publish.UnreleasedIds.Released;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.record.BufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Handles one connection's PUBRELs ([MQTT-4.3.3-11]): those of captured messages go into the buffer, and PUBCOMP leaves when
 * they are safe. So a crash makes the broker neither forget a release nor take a new message for a released one.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 *
 * @param retry tries again, on any thread, what had to wait
 */
record PubrelHandler(SharedBuffer buffer, Client client, UnreleasedIds.Session session, AckQueue acks, Runnable retry) {

    static boolean isRelease(MqttMessage packet) {
        return packet.fixedHeader().messageType() == MqttMessageType.PUBREL;
    }

    /**
     * Takes releases from the head of a queue, up to the first other packet.
     *
     * @return false if the one that is now at the head must wait; the retry is called when it may be tried again
     */
    boolean take(PacketQueue packets) {
        AckQueue.Batch batch = acks.openReleases();
        boolean all;
        try {
            all = take(packets, batch);
        } catch (RuntimeException | Error e) {
            // The client's next connection would wait for identifiers that stay unsettled.
            batch.fail();
            throw e;
        }
        if (batch.complete()) {
            acks.release();
        }
        return all;
    }

    private boolean take(PacketQueue packets, AckQueue.Batch batch) {
        List<Integer> recorded = new ArrayList<>();
        boolean all = true;
        for (MqttMessage next = packets.peek(); next != null && isRelease(next) && all; next = packets.peek()) {
            int packetId = Packets.packetId(next);
            Released released = session.release(packetId, retry);
            switch (released.release()) {
                case UNKNOWN -> batch.answer(Packets.pubcomp(packetId, unknownId()));
                case FREE -> batch.answer(Packets.pubcomp(packetId, Reason.SUCCESS));
                case TO_BE_RECORDED -> {
                    recorded.add(packetId);
                    batch.answer(Packets.pubcomp(packetId, Reason.SUCCESS), Objects.requireNonNull(released.id()));
                }
                case PENDING -> all = false;
            }
            if (all) {
                packets.remove();
            }
        }
        if (recorded.isEmpty()) {
            batch.settle();
        } else if (!buffer.release(client.id(), recorded, batch)) {
            batch.failed(new BufferException("the buffer is closed"));
        }
        return all;
    }

    /** Only MQTT 5 has a reason code for it (section 3.7.2.1). */
    private Reason unknownId() {
        return client.speaksMqtt5() ? Reason.PACKET_IDENTIFIER_NOT_FOUND : Reason.SUCCESS;
    }
}
