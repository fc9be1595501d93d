package io.sluice.broker.door.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator.DelegatingHandle;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.UncheckedBooleanSupplier;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The packets of one connection that were read and wait, in order. Decides whether more is read.
 *
 * <p>A connection that holds more than {@link QueuedBytes} allows is not read until it holds less. A packet counts when
 * all of it has arrived.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
public final class PacketQueue implements Iterable<MqttMessage> {

    /** So much is counted here before the count of all connections is changed, so that not every packet changes it. */
    private static final long UNTOLD_BYTES = 4 << 10;

    private final Channel channel;
    private final QueuedBytes queued;
    private final Deque<MqttMessage> packets = new ArrayDeque<>();
    private int unacknowledged;
    private long bytes;
    private long bytesBehind;
    private long told;
    private long heldBesides;
    private Optional<Reason> sealedFor = Optional.empty();
    private boolean mustWait;
    private boolean blocked;
    private boolean outputIsGone;
    private boolean paused;
    private boolean wasPaused;

    public PacketQueue(Channel channel, QueuedBytes queued) {
        this.channel = channel;
        this.queued = queued;
        channel.config().setRecvByteBufAllocator(new AllowedReads());
    }

    /** Takes over a packet; drops it if it follows one for which the connection is to be closed. */
    public void add(MqttMessage packet) {
        if (sealedFor.isPresent()) {
            ReferenceCountUtil.release(packet);
            return;
        }
        packets.add(packet);
        count(packet, 1);
        if (held() - told >= UNTOLD_BYTES) {
            tell(held());
        }
        if (isOverAllowance()) {
            pause(true);
        }
    }

    /** Takes no further packets: the next one is a reason to close the connection. */
    public void seal(Reason reason) {
        if (sealedFor.isEmpty()) {
            sealedFor = Optional.of(reason);
            regulate(bytesBehind, mustWait);
        }
    }

    /** Why the connection is to be closed once the queue is empty. */
    public Optional<Reason> sealedFor() {
        return sealedFor;
    }

    /** Counts what the connection holds as long as it lasts, in bytes. */
    public void hold(long bytes) {
        heldBesides += bytes;
        tell(held());
    }

    /** The next packet, which stays; null if there is none. */
    public @Nullable MqttMessage peek() {
        return packets.peek();
    }

    /** Hands over the next packet; there must be one. */
    public MqttMessage remove() {
        MqttMessage packet = packets.remove();
        count(packet, -1);
        return packet;
    }

    public int size() {
        return packets.size();
    }

    /** What the waiting packets hold, in bytes. */
    public long bytes() {
        return bytes;
    }

    public boolean isEmpty() {
        return packets.isEmpty();
    }

    /** How many publishes of QoS 1 and QoS 2 wait. */
    public int unacknowledged() {
        return unacknowledged;
    }

    @Override
    public Iterator<MqttMessage> iterator() {
        return packets.iterator();
    }

    private void count(MqttMessage packet, int sign) {
        bytes += (long) sign * Packets.heldBytes(packet);
        if (packet instanceof MqttPublishMessage publish
                && publish.fixedHeader().qosLevel() != MqttQoS.AT_MOST_ONCE) {
            unacknowledged += sign;
        }
    }

    /**
     * Reads on, or stops reading.
     *
     * @param bytesBehind what packets that have left this queue still hold
     * @param mustWait whether to stop in any case
     */
    public void regulate(long bytesBehind, boolean mustWait) {
        this.bytesBehind = bytesBehind;
        this.mustWait = mustWait;
        tell(held());
        pauseIfNeeded();
    }

    /** Stops reading while the client does not read either, or goes on. */
    public void block(boolean isBlocked) {
        blocked = isBlocked && !outputIsGone;
        pauseIfNeeded();
    }

    /** Nothing can be written any more: what is still to be read ends with the connection. */
    public void neverBlock() {
        outputIsGone = true;
        block(false);
    }

    /** Reads on however much waits; the packets are dropped. */
    void drain() {
        pause(false);
    }

    private void pauseIfNeeded() {
        pause(mustWait || blocked || sealedFor.isPresent() || isOverAllowance());
    }

    private boolean isOverAllowance() {
        // Other memory is held as long as the connection lasts: waiting would free none of it.
        return bytes + bytesBehind > queued.allowance();
    }

    private long held() {
        return bytes + bytesBehind + heldBesides;
    }

    private void tell(long held) {
        if (held != told) {
            queued.add(held - told);
            told = held;
        }
    }

    private void pause(boolean pause) {
        if (pause != paused) {
            paused = pause;
            wasPaused |= pause;
            channel.config().setAutoRead(!pause);
        }
    }

    /** Whether we did not read at some time since this was asked last: the client need not have been silent then. */
    public boolean wasPaused() {
        boolean was = wasPaused;
        wasPaused = paused;
        return was;
    }

    /** Drops the packets that wait. */
    public void clear() {
        packets.forEach(ReferenceCountUtil::safeRelease);
        packets.clear();
        bytes = 0;
        unacknowledged = 0;
    }

    /** The connection is gone, and all that it held. */
    public void close() {
        clear();
        bytesBehind = 0;
        heldBesides = 0;
        tell(0);
    }

    /** Reads in small pieces when little is left, since a connection that holds nothing is always read. */
    private final class AllowedReads extends AdaptiveRecvByteBufAllocator {

        private static final int LEAST_BYTES = 512;
        /** Small packets hold more than their length. */
        private static final int SHARE = 16;

        @Override
        @SuppressWarnings("deprecation") // Netty has no other
        public Handle newHandle() {
            return new AllowedRead((ExtendedHandle) super.newHandle());
        }
    }

    /** Epoll takes only a handle that is an extended one. */
    private final class AllowedRead extends DelegatingHandle implements ExtendedHandle {

        private final ExtendedHandle all;

        private AllowedRead(ExtendedHandle all) {
            super(all);
            this.all = all;
        }

        @Override
        public int guess() {
            return (int)
                    Math.min(all.guess(), Math.max(AllowedReads.LEAST_BYTES, queued.allowance() / AllowedReads.SHARE));
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return allocator.ioBuffer(guess());
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return all.continueReading(maybeMoreData);
        }
    }
}
