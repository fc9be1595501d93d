package io.sluice.broker.door.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** Notices a client that reads nothing while something waits for it. Belongs to the connection's event loop. */
public final class StallWatch {

    private final Channel channel;
    private final long timeoutMs;
    private final LongConsumer stalled;
    private boolean isWatching;
    private boolean hasWritten;

    /**
     * @param timeoutMs how long it may read nothing, in milliseconds
     * @param stalled is told how many bytes wait
     */
    public StallWatch(Channel channel, long timeoutMs, LongConsumer stalled) {
        this.channel = channel;
        this.timeoutMs = timeoutMs;
        this.stalled = stalled;
    }

    /** Begins to watch, since more waits than should. */
    public void begin() {
        if (!isWatching) {
            isWatching = true;
            watch(pendingBytes());
        }
    }

    /** Something that waited has left: the client reads, even if as much waits again. */
    public void written() {
        hasWritten = true;
    }

    private void watch(long before) {
        hasWritten = false;
        EventLoopCall.after(timeoutMs, TimeUnit.MILLISECONDS, channel, () -> look(before));
    }

    private void look(long before) {
        writeWhatFits();
        long now = pendingBytes();
        if (!channel.isActive() || channel.isWritable()) {
            isWatching = false;
        } else if (now >= before && !hasWritten) {
            isWatching = false;
            stalled.accept(now);
        } else {
            watch(now);
        }
    }

    /**
     * The system says that it takes more when a third of its buffer is free, and that buffer may be large: a client that
     * reads slowly would take longer for a third of it than it may. Asked, it takes as much as the client has read.
     * Netty's native transport cannot be asked.
     */
    private void writeWhatFits() {
        if (channel.isActive() && channel.unsafe() instanceof NioUnsafe unsafe) {
            unsafe.forceFlush();
        }
    }

    private long pendingBytes() {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes() - pending.currentProgress();
    }
}
