package io.sluice.broker.door.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.util.ReferenceCountUtil;
import io.sluice.broker.access.AccessGrant;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.DoorCounts;
import io.sluice.broker.door.client.LimitedLog;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.door.transport.QueueLimits;
import io.sluice.broker.door.transport.QueuedBytes;
import io.sluice.broker.rate.PublishRates.Excess;
import io.sluice.broker.rate.Rate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Turns of clients that share a rate, by a clock that the test moves. */
class PublishThrottleTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int MQTT_5 = 5;

    private final List<Device> devices = new ArrayList<>();
    private long now;

    /** A device with its connection and event loop. */
    private final class Device {

        private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        private final PacketQueue packets =
                new PacketQueue(channel, new QueuedBytes(new QueueLimits(16 << 20, 1 << 20)));
        private final PublishThrottle throttle;
        private int retries;

        private Device(Excess excess, PublishThrottle.Limit... limits) {
            channel.freezeTime();
            throttle = new PublishThrottle(
                    channel.pipeline().firstContext(),
                    new DoorCounts(),
                    new LimitedLog(LoggerFactory.getLogger(PublishThrottle.class)),
                    new Client(
                            "device",
                            false,
                            Optional.empty(),
                            MQTT_5,
                            false,
                            0,
                            0,
                            channel.remoteAddress(),
                            Optional.empty(),
                            Optional.empty(),
                            AccessGrant.ALWAYS),
                    List.of(limits),
                    excess,
                    () -> now,
                    () -> retries++);
            devices.add(this);
        }

        private void publishes(int count, int payloadBytes) {
            publishes(count, payloadBytes, MqttQoS.AT_LEAST_ONCE);
        }

        private void publishes(int count, int payloadBytes, MqttQoS qos) {
            for (int i = 0; i < count; i++) {
                packets.add(MqttMessageBuilders.publish()
                        .topicName("t")
                        .qos(qos)
                        .messageId(i + 1)
                        .payload(Unpooled.wrappedBuffer(new byte[payloadBytes]))
                        .build());
            }
        }

        /** Takes as many as may be taken, or one is refused; says how many were taken. */
        private int offer() {
            int granted = throttle.grant(packets);
            if (granted == 0 && throttle.refuses(packets)) {
                ReferenceCountUtil.release(packets.remove());
            }
            for (int i = 0; i < granted; i++) {
                ReferenceCountUtil.release(packets.remove());
            }
            if (granted > 0) {
                throttle.taken(packets, granted);
            }
            return granted;
        }

        private void refuseAll() {
            while (!packets.isEmpty()) {
                assertThat(offer()).isZero();
            }
        }

        private void leave() {
            throttle.takesTheRest(packets);
            packets.close();
        }
    }

    @AfterEach
    void close() {
        devices.forEach(device -> {
            device.packets.close();
            device.channel.finishAndReleaseAll();
        });
    }

    private void pass(long nanos) {
        now += nanos;
        devices.forEach(device -> {
            device.channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
            device.channel.runScheduledPendingTasks();
        });
    }

    private PublishThrottle.Limit shared(long perSecond, boolean isOfBytes) {
        Rate rate = Rate.saved(perSecond, now);
        rate.take(perSecond, now);
        return new PublishThrottle.Limit(rate, perSecond, isOfBytes, "all clients together");
    }

    /** How long who asks for one more would have to wait; it is not taken. */
    private long debt(PublishThrottle.Limit limit) {
        long wait = limit.rate().take(1, now);
        limit.rate().giveBack(1);
        return wait;
    }

    @ParameterizedTest
    @EnumSource(Excess.class)
    void who_comes_and_goes_leaves_no_turns_behind(Excess excess) {
        PublishThrottle.Limit messages = shared(100, false);
        PublishThrottle.Limit bytes = shared(1_000, true);
        for (int i = 0; i < 1_000; i++) {
            Device device = new Device(excess, messages, bytes);
            device.publishes(10, 20);
            device.offer();
            device.leave();
        }
        assertThat(debt(messages)).isLessThanOrEqualTo(SECOND + SECOND / 50);
        assertThat(debt(bytes)).isLessThanOrEqualTo(SECOND + SECOND / 50);
    }

    @Test
    void who_was_refused_and_goes_gives_its_turn_back() {
        PublishThrottle.Limit messages = shared(10, false);
        Device device = new Device(Excess.REFUSE, messages);
        device.publishes(1, 20);
        assertThat(device.offer()).isZero();
        long owed = debt(messages);
        device.leave();
        assertThat(debt(messages)).isEqualTo(owed - SECOND / 10);
    }

    @Test
    void what_is_left_at_the_end_counts_with_all_its_bytes() {
        PublishThrottle.Limit bytes = shared(1_000, true);
        Device device = new Device(Excess.REFUSE, bytes);
        device.publishes(2, 500);
        assertThat(device.offer()).as("it asks for a tenth of a second's worth").isZero();
        device.leave();
        assertThat(debt(bytes)).isBetween(SECOND / 2, SECOND / 2 + SECOND / 100);
    }

    @Test
    void a_turn_that_was_taken_in_part_is_given_back_in_part() {
        PublishThrottle.Limit bytes = shared(10_000, true);
        Device device = new Device(Excess.WAIT, bytes);
        device.publishes(10, 99);
        assertThat(device.offer()).isZero();
        pass(SECOND);
        assertThat(device.throttle.grant(device.packets)).isEqualTo(10);
        for (int i = 0; i < 9; i++) {
            ReferenceCountUtil.release(device.packets.remove());
        }
        device.throttle.taken(device.packets, 9);
        bytes.rate().take(9_000, now);
        long owed = debt(bytes);
        device.leave();
        assertThat(debt(bytes)).as("the last is given back and charged").isEqualTo(owed);
    }

    @Test
    void a_turn_that_is_not_used_lapses_and_others_get_it() {
        PublishThrottle.Limit messages = shared(10, false);
        List<Device> refused = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Device device = new Device(Excess.REFUSE, messages);
            device.publishes(1, 20);
            device.refuseAll();
            refused.add(device);
        }
        pass(60 * SECOND);
        int taken = 0;
        for (Device device : refused) {
            device.publishes(1, 20);
            taken += device.offer();
        }
        assertThat(taken).as("as many as a second saves up").isEqualTo(10);
    }

    @Test
    void who_tries_again_in_time_finds_its_turn() {
        PublishThrottle.Limit messages = shared(10, false);
        Device waits = new Device(Excess.WAIT, messages);
        Device told = new Device(Excess.REFUSE, messages);
        told.publishes(1, 20);
        told.refuseAll();
        for (int i = 0; i < 5; i++) {
            waits.publishes(1, 20);
            waits.offer();
        }
        pass(SECOND / 10 + PublishThrottle.LAPSES_NANOS - 1);
        messages.rate().take(1_000, now);
        told.publishes(1, 20);
        assertThat(told.offer()).isEqualTo(1);
    }

    /** Devices that publish less often than that would otherwise book the rate and leave it unused. */
    @Test
    void turns_that_lapse_leave_the_rate_to_those_who_are_there() {
        PublishThrottle.Limit messages = shared(10, false);
        List<Device> slow = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            slow.add(new Device(Excess.REFUSE, messages));
        }
        int taken = 0;
        int rounds = 20;
        for (int round = 0; round < rounds; round++) {
            for (Device device : slow) {
                pass(SECOND * 24 / slow.size());
                device.publishes(1, 20);
                taken += device.offer();
            }
        }
        // 300 devices publish 12.5 a second, a quarter more than they may.
        assertThat(taken).isBetween(rounds * 24 * 10 * 8 / 10, rounds * 24 * 10 + 10);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 10, 60})
    void a_device_that_publishes_seldom_is_taken_every_other_time_while_others_use_the_rate_up(int everySeconds) {
        PublishThrottle.Limit messages = shared(10, false);
        Device greedy = new Device(Excess.WAIT, messages);
        Device seldom = new Device(Excess.REFUSE, messages);
        int taken = 0;
        int takenOfSeldom = 0;
        int rounds = 20;
        for (int round = 0; round < rounds; round++) {
            seldom.publishes(1, 20);
            for (int tenth = 0; tenth < 10 * everySeconds; tenth++) {
                takenOfSeldom += seldom.packets.isEmpty() ? 0 : seldom.offer();
                // As soon as one is taken, it asks for the next.
                greedy.publishes(2, 20);
                int now = greedy.offer();
                while (now > 0) {
                    taken += now;
                    now = greedy.offer();
                }
                pass(SECOND / 10);
            }
            assertThat(seldom.packets.isEmpty()).as("it waits for a moment").isTrue();
        }
        assertThat(takenOfSeldom).isBetween(rounds / 2, rounds);
        assertThat(taken + takenOfSeldom).isLessThanOrEqualTo(10 * rounds * everySeconds + 1);
    }

    @Test
    void devices_whose_turns_have_lapsed_publish_no_more_than_the_rate_allows() {
        PublishThrottle.Limit messages = shared(10, false);
        List<Device> seldom = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Device device = new Device(Excess.REFUSE, messages);
            device.publishes(1, 20);
            device.refuseAll();
            seldom.add(device);
        }
        pass(60 * SECOND);
        seldom.forEach(device -> device.publishes(1, 20));
        int taken = 0;
        for (int tenth = 0; tenth <= 40; tenth++) {
            for (Device device : seldom) {
                taken += device.packets.isEmpty() ? 0 : device.offer();
            }
            assertThat(taken).isLessThanOrEqualTo(10 + tenth);
            pass(SECOND / 10);
        }
        assertThat(taken).as("all had been refused before").isEqualTo(50);
    }

    /** A publish of QoS 0 waits in any case. */
    @Test
    void a_publish_that_cannot_be_refused_leaves_the_wait_to_one_that_can() {
        PublishThrottle.Limit messages = shared(10, false);
        Device device = new Device(Excess.REFUSE, messages);
        device.publishes(1, 20);
        device.refuseAll();
        pass(60 * SECOND);
        device.publishes(1, 20, MqttQoS.AT_MOST_ONCE);
        assertThat(device.offer()).isEqualTo(1);
        messages.rate().take(10, now);
        device.publishes(1, 20);
        assertThat(device.offer()).isZero();
        assertThat(device.packets.isEmpty()).as("it waits").isFalse();
        pass(SECOND);
        assertThat(device.offer()).isEqualTo(1);
        messages.rate().take(10, now);
        device.publishes(1, 20);
        device.refuseAll();
    }
}
