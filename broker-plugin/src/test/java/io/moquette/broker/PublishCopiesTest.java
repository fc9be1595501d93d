package io.moquette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.moquette.broker.SessionRegistry.PublishedMessage;
import io.moquette.broker.subscriptions.Topic;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttProperties.MqttProperty;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.sluice.broker.session.StoredPublish;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What sessions keep of a publish whose memory belongs to the network. */
class PublishCopiesTest {

    private final PublishCopies copies = new PublishCopies();
    private final ByteBuf payload = Unpooled.buffer();

    private StoredPublish copy(Topic topic) {
        return copies.of(new PublishedMessage(
                topic, MqttQoS.AT_LEAST_ONCE, payload, false, Instant.MAX, new MqttProperty<?>[0]));
    }

    private void publish(String text) {
        payload.clear().writeCharSequence(text, StandardCharsets.UTF_8);
    }

    private static String text(StoredPublish copy) {
        return StandardCharsets.UTF_8.decode(copy.payload().duplicate()).toString();
    }

    @Test
    void the_sessions_that_one_publish_is_delivered_to_share_a_copy() {
        Topic topic = new Topic("t");
        publish("one");
        assertThat(copy(topic)).isSameAs(copy(topic));
    }

    @Test
    void a_publish_in_a_buffer_that_netty_uses_again_is_another_publish() {
        publish("one");
        StoredPublish one = copy(new Topic("t"));
        publish("two");
        StoredPublish two = copy(new Topic("t"));
        assertThat(text(one)).isEqualTo("one");
        assertThat(text(two)).isEqualTo("two");
    }
}
