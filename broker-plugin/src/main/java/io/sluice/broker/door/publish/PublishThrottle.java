package io.sluice.broker.door.publish;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.DoorCounts;
import io.sluice.broker.door.client.LimitedLog;
import io.sluice.broker.door.client.LimitedLog.Kind;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.door.transport.PacketQueue;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.Rate;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows one connection's publishes down to the publish limits.
 *
 * <p>A few publishes at the head of the queue are granted at a time, and wait there until their turn has come; those of
 * QoS 1 and 2 are not acknowledged meanwhile. So nothing is lost, and a client with a window stops by itself. If
 * publishes above a limit are to be refused, those that can be refused do not wait: they are refused until the turn
 * that the first of them asked for has come, and then as many are taken. So they have their turns among those that
 * wait, whichever limits they share. A turn that they leave unused lapses, and others get it. A client whose turn has
 * lapsed publishes too seldom for turns: its next publish waits for one, so that it is not refused over and over.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class PublishThrottle {

    /** What a connection may hold while it waits, before it is not read: enough for a window, and for pings to get through. */
    static final long HELD_BYTES = 16 << 10;

    /**
     * How long a refused client may leave its turn unused. No more comes late at once than the limit allows in this time; while
     * turns wait for those who do not use them, the rate is not used.
     */
    static final long LAPSES_NANOS = TimeUnit.SECONDS.toNanos(2);

    /**
     * A rate that holds for a connection.
     *
     * @param perSecond messages or bytes
     * @param whose as the log says it, such as {@code one client}
     */
    record Limit(Rate rate, long perSecond, boolean isOfBytes, String whose) {

        private long amount(long messages, long bytes) {
            return isOfBytes ? bytes : messages;
        }
    }

    private record Batch(int messages, long bytes) {

        static final Batch NONE = new Batch(0, 0);
    }

    private final ChannelHandlerContext ctx;
    private final DoorCounts counts;
    private final LimitedLog log;
    private final Client client;
    private final List<Limit> limits;
    private final int most;
    private final long mostBytes;
    private final boolean mayRefuse;
    private final LongSupplier clock;
    private final Runnable retry;
    private Batch granted = Batch.NONE;
    private long notBefore;
    private boolean isSettled;
    /** Whether a turn has lapsed, and no publish that can be refused has had one since. */
    private boolean hasLapsed;

    private @Nullable Future<?> waiting;
    private @Nullable Future<?> lapse;
    private @Nullable Limit exceeded;
    private boolean hasSaid;

    /**
     * @param clock that of the limits, in nanoseconds
     * @param retry is run when what had to wait may be taken
     */
    PublishThrottle(
            ChannelHandlerContext ctx,
            DoorCounts counts,
            LimitedLog log,
            Client client,
            List<Limit> limits,
            PublishRates.Excess excess,
            LongSupplier clock,
            Runnable retry) {
        this.ctx = ctx;
        this.counts = counts;
        this.log = log;
        this.client = client;
        this.limits = limits;
        this.most = (int) atATime(false, Capture.MAX_BATCH);
        this.mostBytes = atATime(true, Long.MAX_VALUE);
        this.mayRefuse = excess == PublishRates.Excess.REFUSE && client.speaksMqtt5();
        this.clock = clock;
        this.retry = retry;
    }

    /** A tenth of a second's worth at a time, so that clients that share a rate alternate. */
    private long atATime(boolean ofBytes, long otherwise) {
        return limits.stream()
                .filter(limit -> limit.isOfBytes == ofBytes)
                .mapToLong(limit -> Math.max(1, limit.perSecond / 10))
                .reduce(otherwise, Math::min);
    }

    /**
     * How many publishes at the head of the queue may be taken now. If none, either the first {@link #refuses is to be
     * refused}, or the retry is run when it is time.
     */
    int grant(PacketQueue packets) {
        long now = clock.getAsLong();
        if (granted.messages == 0) {
            granted = asked(packets);
            isSettled = !mayRefuse;
            notBefore = now + longestWait(granted, now);
            if (notBefore > now && !isSettled) {
                lapse = EventLoopCall.after(
                        notBefore - now + LAPSES_NANOS, TimeUnit.NANOSECONDS, ctx.channel(), this::lapse);
            }
            if (notBefore > now && !refuses(packets)) {
                counts.delayedPublishes.add(granted.messages);
                say("The publishes of {} wait for their turn: {} may publish {} {} a second");
            }
        }
        long wait = notBefore - now;
        if (wait <= 0) {
            if (!isSettled) {
                settle(packets, now);
            }
            return granted.messages;
        }
        if (refuses(packets)) {
            counts.exceedingPublishes.increment();
            say("Publishes of {} are refused: {} may publish {} {} a second");
            return 0;
        }
        if (waiting == null) {
            waiting = EventLoopCall.after(wait, TimeUnit.NANOSECONDS, ctx.channel(), () -> {
                waiting = null;
                retry.run();
            });
        }
        return 0;
    }

    /** Whether the first publish in the queue is refused instead of waiting. */
    boolean refuses(PacketQueue packets) {
        return !hasLapsed && firstCanBeRefused(packets);
    }

    /** One that is sent again may have been taken before: then its refusal would be a lie. */
    private boolean firstCanBeRefused(PacketQueue packets) {
        return mayRefuse
                && packets.peek() instanceof MqttPublishMessage first
                && first.fixedHeader().qosLevel() != MqttQoS.AT_MOST_ONCE
                && !first.fixedHeader().isDup();
    }

    /** Takes note that so many of the granted publishes were taken, and are no longer in the queue. */
    void taken(PacketQueue packets, int count) {
        granted = head(packets, Math.max(0, granted.messages - count), Long.MAX_VALUE);
    }

    /** Drops a turn that nobody has used, so that clients that return much later do not all publish at once. */
    private void lapse() {
        lapse = null;
        giveBackGranted();
        hasLapsed = true;
    }

    private void giveBackGranted() {
        for (Limit limit : limits) {
            limit.rate.giveBack(limit.amount(granted.messages, granted.bytes));
        }
        granted = Batch.NONE;
    }

    boolean isWaiting() {
        return waiting != null;
    }

    /**
     * Charges the publishes in the queue, which are taken at once now that the client is gone, to the rates that it
     * shares with others, without stopping these.
     */
    void takesTheRest(PacketQueue packets) {
        waiting = EventLoopCall.cancel(waiting);
        lapse = EventLoopCall.cancel(lapse);
        // Only what is charged is bounded: many clients that come and go would each leave a debt.
        giveBackGranted();
        int messages = 0;
        long bytes = 0;
        for (MqttMessage packet : packets) {
            if (packet instanceof MqttPublishMessage publish) {
                messages++;
                bytes += Packets.publishedBytes(publish);
            }
        }
        long now = clock.getAsLong();
        for (Limit limit : limits) {
            limit.rate.charge(limit.amount(messages, bytes), now);
        }
    }

    /**
     * A publish that is refused does not ask for more than its share, or all after it would have to be refused for as
     * long.
     */
    private Batch asked(PacketQueue packets) {
        Batch first = head(packets, most, mostBytes);
        return mayRefuse ? new Batch(first.messages, Math.min(first.bytes, mostBytes)) : first;
    }

    /** The first publishes of the queue, at most so many; after the first, no more once they have so many bytes. */
    private static Batch head(PacketQueue packets, int mostMessages, long enoughBytes) {
        int messages = 0;
        long bytes = 0;
        for (MqttMessage packet : packets) {
            if (!(packet instanceof MqttPublishMessage publish)
                    || messages == mostMessages
                    || (messages > 0 && bytes >= enoughBytes)) {
                break;
            }
            messages++;
            bytes += Packets.publishedBytes(publish);
        }
        return new Batch(messages, bytes);
    }

    /** Takes some publishes into account, and says how long they have to wait, in nanoseconds. */
    private long longestWait(Batch batch, long now) {
        long longest = 0;
        for (Limit limit : limits) {
            long wait = limit.rate.take(limit.amount(batch.messages, batch.bytes), now);
            if (wait > longest) {
                longest = wait;
                exceeded = limit;
            }
        }
        return longest;
    }

    /** What is taken may be more or less than what was asked for: others may have been refused meanwhile. */
    private void settle(PacketQueue packets, long now) {
        lapse = EventLoopCall.cancel(lapse);
        Batch come = head(packets, granted.messages, mostBytes);
        for (Limit limit : limits) {
            long more = limit.amount(come.messages - granted.messages, come.bytes - granted.bytes);
            if (more > 0) {
                // Their turn is now; the next ones wait for it.
                limit.rate.take(more, now);
            } else {
                limit.rate.giveBack(-more);
            }
        }
        granted = come;
        isSettled = true;
        hasLapsed &= !firstCanBeRefused(packets);
    }

    private void say(String sentence) {
        if (!hasSaid && exceeded != null) {
            hasSaid = true;
            log.say(
                    Kind.DELAYED,
                    sentence,
                    client,
                    exceeded.whose,
                    exceeded.perSecond,
                    exceeded.isOfBytes ? "bytes" : "messages");
        }
    }
}
