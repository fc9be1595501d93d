package io.sluice.broker.door.publish;

import io.moquette.broker.MoquetteParts.Audience;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.sluice.broker.access.AuditLog.Event;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.PublishCheck;
import io.sluice.broker.door.client.Will;
import io.sluice.broker.packet.OutgoingPublish;
import io.sluice.broker.packet.Reason;
import io.sluice.message.Message;
import java.util.List;

/** Publishes the will that a client has left, to the buffer and to subscribers, if its client may still publish it. */
record WillPublication(Publishers publishers, Client client, Will left, MoquetteForwarder forwarder)
        implements Wills.Publication {

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
            forwarder.publish(publish);
        }
    }
}
