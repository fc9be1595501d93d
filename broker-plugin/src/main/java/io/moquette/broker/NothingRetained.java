package io.moquette.broker;

import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.NullMarked;

/** Shows Moquette no retained messages: the front door retains them, and sessions deliver them. Stateless. */
@NullMarked
final class NothingRetained implements IRetainedRepository {

    @Override
    public void cleanRetained(Topic topic) {}

    @Override
    public void retain(Topic topic, MqttPublishMessage publish) {}

    @Override
    public void retain(Topic topic, MqttPublishMessage publish, Instant expiry) {}

    @Override
    public boolean isEmpty() {
        return true;
    }

    @Override
    public Collection<RetainedMessage> retainedOnTopic(String filter) {
        return List.of();
    }

    @Override
    public Collection<RetainedMessage> listExpirable() {
        return List.of();
    }
}
