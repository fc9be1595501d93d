package io.sluice.broker.door.publish;

import io.netty.channel.ChannelHandlerContext;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.client.DoorCounts;
import io.sluice.broker.door.client.LimitedLog;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.Rate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The publish limits that clients share: those of a user, as long as one of its clients is connected, and those of all
 * clients. Thread-safe.
 */
final class PublishThrottles {

    private final PublishRates rates;
    private final DoorCounts counts;
    private final LimitedLog log;
    private final List<PublishThrottle.Limit> all;
    private final ConcurrentMap<String, User> users = new ConcurrentHashMap<>();

    /** @param clients that are connected */
    private record User(List<PublishThrottle.Limit> limits, int clients) {}

    PublishThrottles(PublishRates rates, DoorCounts counts, LimitedLog log) {
        this.rates = rates;
        this.counts = counts;
        this.log = log;
        long now = System.nanoTime();
        this.all = limits(rates.all(), "all clients together", perSecond -> Rate.saved(perSecond, now));
    }

    private static List<PublishThrottle.Limit> limits(
            PublishRates.Limit limit, String whose, LongFunction<Rate> begin) {
        List<PublishThrottle.Limit> limits = new ArrayList<>();
        limit.messages()
                .ifPresent(most -> limits.add(new PublishThrottle.Limit(begin.apply(most), most, false, whose)));
        limit.bytes().ifPresent(most -> limits.add(new PublishThrottle.Limit(begin.apply(most), most, true, whose)));
        return limits;
    }

    /**
     * The throttle of a client that connects; it must {@link #leave} when it disconnects.
     *
     * @return null if there is no limit, so that it costs nothing
     */
    @Nullable
    PublishThrottle enter(ChannelHandlerContext ctx, Client client, Runnable retry) {
        long now = System.nanoTime();
        LongFunction<Rate> fresh = perSecond -> Rate.fresh(perSecond, now);
        List<PublishThrottle.Limit> limits = new ArrayList<>(all);
        client.username()
                .filter(user -> rates.user().isPresent())
                .ifPresent(user -> limits.addAll(enter(user, fresh).limits()));
        limits.addAll(limits(rates.client(), "one client", fresh));
        return limits.isEmpty()
                ? null
                : new PublishThrottle(ctx, counts, log, client, limits, rates.excess(), System::nanoTime, retry);
    }

    private User enter(String name, LongFunction<Rate> fresh) {
        return users.compute(
                name,
                (user, here) -> here == null
                        ? new User(limits(rates.user(), "all clients of one user", fresh), 1)
                        : new User(here.limits(), here.clients() + 1));
    }

    /** A client that has entered is gone. */
    void leave(Client client) {
        client.username()
                .ifPresent(name -> users.computeIfPresent(
                        name,
                        (user, here) -> here.clients() == 1 ? null : new User(here.limits(), here.clients() - 1)));
    }
}
