package io.moquette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.moquette.broker.security.PermitAllAuthorizatorPolicy;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.session.SessionLimits;
import io.sluice.broker.session.SessionStore;
import io.sluice.broker.session.StoredPublish;
import io.sluice.broker.session.StoredSubscription;
import io.sluice.message.PublishProperties;
import io.sluice.message.Qos;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetainedFlushTest {

    private final AtomicInteger flushes = new AtomicInteger();

    private static <T> T done(CompletionStage<T> work) {
        return work.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Test
    void retained_messages_leave_together_as_long_as_the_connection_takes_them() {
        int count = 100;
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void flush(ChannelHandlerContext ctx) {
                flushes.incrementAndGet();
                ctx.flush();
            }
        });
        try (SessionStore store = SessionStore.open(Optional.empty(), SessionLimits.DEFAULT);
                MoquetteParts moquette = new MoquetteParts(
                        store, new PermitAllAuthorizatorPolicy(), 0, (client, cause) -> {}, ended -> {})) {
            for (int i = 0; i < count; i++) {
                store.retain(new StoredPublish(
                        "t/" + i,
                        Qos.AT_MOST_ONCE,
                        true,
                        OptionalLong.empty(),
                        PublishProperties.NONE,
                        ByteBuffer.wrap(new byte[] {1})));
            }
            MoquetteClient client = moquette.client("c", Optional.empty(), channel, topic -> true);
            done(client.connect(MqttMessageBuilders.connect()
                    .protocolVersion(MqttVersion.MQTT_5)
                    .clientId("c")
                    .cleanSession(true)
                    .build()));
            done(client.connected());
            done(client.subscribe(
                    List.of(new StoredSubscription("c", "t/#", 0, false, false, 0, OptionalInt.empty()))));

            assertThat(channel.outboundMessages()).hasSize(count);
            assertThat(flushes).hasValueLessThan(count / 10);
        }
    }
}
