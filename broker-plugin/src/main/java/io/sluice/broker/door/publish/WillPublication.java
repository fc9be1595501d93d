package io.sluice.broker.door.publish;

import io.moquette.broker.MoquetteClient;
import io.moquette.broker.MoquetteParts.Audience;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.util.ReferenceCountUtil;
import io.sluice.broker.access.AuditLog.Event;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.PublishCheck;
import io.sluice.broker.door.client.Will;
import io.sluice.broker.packet.OutgoingPublish;
import io.sluice.broker.packet.Reason;
import io.sluice.message.Message;
import java.util.List;

/**
 * Publishes the will that a client has left, to the buffer and to subscribers, if its client may still publish it. It knows no
 * forwarder: that would keep the closed connection for as long as the will waits.
 */
record WillPublication(Publishers publishers, Client client, Will left, MoquetteClient moquette)
        implements Wills.Publication {

    /** What it takes besides the will and the names of its client, in bytes. */
    private static final int OVERHEAD_BYTES = 2_048;

    @Override
    public long heldBytes() {
        return OVERHEAD_BYTES
                + left.heldBytes()
                + client.id().length()
                + client.username().map(String::length).orElse(0);
    }

    @Override
    public boolean publishIfFree(Runnable retry) {
        if (!isAllowed()) {
            return true;
        }
        if (publishers.isCaptured(left.topic()) && !publishers.append(message(), retry)) {
            return false;
        }
        deliver();
        return true;
    }

    @Override
    public void publish(DeferredAppends appends) {
        if (isAllowed()) {
            if (publishers.isCaptured(left.topic())) {
                appends.append(List.of(message()));
            }
            deliver();
        }
    }

    private boolean isAllowed() {
        boolean isAllowed = PublishCheck.checkTopic(left.topic(), publishers.access.rights(), client) == Reason.SUCCESS;
        if (!isAllowed) {
            // It was allowed when the client left it.
            publishers.access.audit().say(Event.DENY, client.who(), "action", "will", "topic", left.topic());
            publishers.counts.refusedPublishes.increment();
        }
        return isAllowed;
    }

    private Message message() {
        return left.message(client, System.currentTimeMillis());
    }

    private void deliver() {
        MqttPublishMessage publish = OutgoingPublish.publish(
                left.topic(),
                left.qos(),
                0,
                left.retained(),
                false,
                OutgoingPublish.properties(
                        left.properties(),
                        List.of(),
                        left.properties().messageExpirySeconds().orElse(0)),
                left.payload());
        publishers.retained.keep(publish);
        if (publishers.audience(left.topic()) != Audience.NOBODY) {
            moquette.route(publish).whenComplete((done, failure) -> ReferenceCountUtil.release(publish));
        }
    }
}
