package io.sluice.broker.door.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.sluice.broker.door.client.LimitedLog.Kind;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.Flapping;
import io.sluice.broker.rate.Origin;
import io.sluice.broker.rate.Rate;
import io.sluice.broker.rate.Recent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Limits how often clients connect. Connections that exceed the limit of their address are closed. If all clients together
 * exceed the limit, the listeners accept more slowly, and further connections wait in the network. Thread-safe.
 */
public final class ConnectRateLimit {

    private static final int MOST_ADDRESSES = 8_192;

    private final ConnectRates rates;
    private final boolean proxyProtocol;
    private final Rate all;
    private final Recent<Origin> byAddress;
    private final Flapping flapping;
    private final DoorCounts counts;
    private final LimitedLog log;

    /**
     * The limits of one front door.
     *
     * @param proxyProtocol whether a connection's address is known only after its PROXY header
     */
    public ConnectRateLimit(ConnectRates rates, boolean proxyProtocol, DoorCounts counts, LimitedLog log) {
        this.rates = rates;
        this.proxyProtocol = proxyProtocol;
        this.all = Rate.saved(rates.all(), System.nanoTime());
        this.byAddress =
                new Recent<>(Duration.ofSeconds(1).dividedBy(rates.address()), rates.address(), MOST_ADDRESSES);
        this.flapping = new Flapping(rates.client());
        this.counts = counts;
        this.log = log;
    }

    /** Counts a connection from an address; returns whether it is allowed. */
    public boolean mayConnect(InetAddress address) {
        Origin from = Origin.of(address);
        long now = System.nanoTime();
        if (byAddress.times(from, now) >= rates.address()) {
            // A refused connection does not count, or an address that keeps trying would never get in.
            return false;
        }
        byAddress.add(from, 1, now);
        return true;
    }

    /** Counts a connection of an authenticated client; returns false if it connects too often. */
    public boolean mayComeIn(Client client) {
        return client.isAssigned() || flapping.mayConnect(client.username(), client.id(), System.nanoTime());
    }

    /** The handler of a listening channel, which sees each accepted connection first. */
    public ChannelInboundHandlerAdapter gate() {
        return new Gate();
    }

    /** Runs on the thread that accepts: nothing else is as fast as a flood. */
    private final class Gate extends ChannelInboundHandlerAdapter {

        private boolean isPaused;
        private long pausedUntil;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object accepted) {
            Channel connection = (Channel) accepted;
            if (!proxyProtocol
                    && connection.remoteAddress() instanceof InetSocketAddress address
                    && !mayConnect(address.getAddress())) {
                connection.unsafe().closeForcibly();
                counts.turnedAway.increment();
                log.say(Kind.TURNED_AWAY, "Closing a connection from {}: its address connects too often", address);
                return;
            }
            long now = System.nanoTime();
            long wait = all.take(1, now);
            ctx.fireChannelRead(accepted);
            if (wait > 0) {
                // Some more may come that the system has accepted already.
                pausedUntil = now + wait;
                pause(ctx);
            }
        }

        private void pause(ChannelHandlerContext ctx) {
            if (!isPaused) {
                resumeInTime(ctx);
                isPaused = true;
                ctx.channel().config().setAutoRead(false);
                counts.acceptPauses.increment();
                log.say(
                        Kind.DELAYED,
                        "More than {} clients connect a second: the listeners accept no more than that",
                        rates.all());
            }
        }

        private void resumeInTime(ChannelHandlerContext ctx) {
            ctx.executor().schedule(() -> resumeOrWait(ctx), pausedUntil - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        /** Goes on rather too early than never. */
        private void resumeOrWait(ChannelHandlerContext ctx) {
            isPaused = false;
            try {
                if (pausedUntil - System.nanoTime() > 0) {
                    resumeInTime(ctx);
                    isPaused = true;
                }
            } finally {
                ctx.channel().config().setAutoRead(!isPaused);
            }
        }
    }
}
