package io.moquette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;

import io.moquette.broker.security.PermitAllAuthorizatorPolicy;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a SUBSCRIBE costs those who share a loop with its client. */
@Timeout(60)
class SubscribeTest {

    private final EventLoopGroup eventLoop = new DefaultEventLoopGroup(1);
    private final SessionStore store = SessionStore.open(Optional.empty(), SessionLimits.DEFAULT);
    private final MoquetteParts moquette =
            new MoquetteParts(store, new PermitAllAuthorizatorPolicy(), 0, (client, cause) -> {}, ended -> {});

    @AfterEach
    void close() {
        moquette.close();
        store.close();
        eventLoop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private static <T> T done(CompletionStage<T> work) {
        return work.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private void retain(int count, Qos qos) {
        for (int i = 0; i < count; i++) {
            store.retain(new StoredPublish(
                    "t/" + i, qos, true, OptionalLong.empty(), PublishProperties.NONE, ByteBuffer.wrap(new byte[] {1
                    })));
        }
    }

    private MoquetteClient connected(String clientId, Channel channel, Predicate<String> mayRead) {
        MoquetteClient client = moquette.client(clientId, Optional.empty(), channel, mayRead);
        done(client.connect(MqttMessageBuilders.connect()
                .protocolVersion(MqttVersion.MQTT_5)
                .clientId(clientId)
                .cleanSession(true)
                .build()));
        done(client.connected());
        return client;
    }

    private static StoredSubscription to(String clientId, String filter, int qos) {
        return new StoredSubscription(clientId, filter, qos, false, false, 0, OptionalInt.empty());
    }

    /** The broker's end of a connection. */
    private Channel channel(ChannelHandler... handlers) throws InterruptedException {
        CompletableFuture<Channel> accepted = new CompletableFuture<>();
        LocalAddress address = new LocalAddress(SubscribeTest.class);
        new ServerBootstrap()
                .group(eventLoop)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers);
                        accepted.complete(channel);
                    }
                })
                .bind(address)
                .sync();
        new Bootstrap()
                .group(eventLoop)
                .channel(LocalChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(address)
                .sync();
        return accepted.join();
    }

    /** Counts what is asked of a connection. */
    private static final class Counts extends ChannelOutboundHandlerAdapter {

        private final AtomicInteger writes = new AtomicInteger();
        private final AtomicInteger flushes = new AtomicInteger();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            writes.incrementAndGet();
            ctx.write(message, promise);
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            flushes.incrementAndGet();
            ctx.flush();
        }
    }

    @Test
    void retained_messages_leave_together_as_long_as_the_connection_takes_them() throws Exception {
        int count = 100;
        Counts counts = new Counts();
        retain(count, Qos.AT_MOST_ONCE);
        MoquetteClient client = connected("c", channel(counts), topic -> true);

        done(client.subscribe(List.of(to("c", "t/#", 0))));

        await().untilAtomic(counts.writes, equalTo(count));
        await().untilAtomic(counts.flushes, greaterThan(0));
        assertThat(counts.flushes).hasValueLessThan(count / 10);
    }

    @Test
    void another_client_of_the_loop_has_its_turn_before_all_filters_of_a_packet_were_looked_up() throws Exception {
        CountDownLatch hasBegun = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        List<String> order = new CopyOnWriteArrayList<>();
        Channel channel = channel();
        retain(1, Qos.AT_LEAST_ONCE);
        MoquetteClient greedy = connected("Aa", channel, topic -> {
            hasBegun.countDown();
            try {
                return goesOn.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                return false;
            }
        });
        assertThat("BB").as("of the same loop").hasSameHashCodeAs("Aa");
        MoquetteClient other = connected("BB", channel, topic -> true);

        CompletionStage<?> subscribed = greedy.subscribe(List.of(to("Aa", "t/#", 1), to("Aa", "t/+", 1)))
                .thenRun(() -> order.add("greedy"));
        hasBegun.await();
        CompletionStage<?> served = other.writable().thenRun(() -> order.add("other"));
        goesOn.countDown();
        done(served);
        done(subscribed);

        assertThat(order).containsExactly("other", "greedy");
    }
}
