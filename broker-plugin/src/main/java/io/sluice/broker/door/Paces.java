package io.sluice.broker.door;

import io.netty.channel.ChannelHandlerContext;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.Rate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The rates of publishing that clients share: those of a user as long as one of its clients is here, and those of all.
 * Thread-safe.
 */
final class Paces {

    private final PublishRates rates;
    private final DoorCounts counts;
    private final LimitedLog log;
    private final List<Pace.Limit> all;
    private final ConcurrentMap<String, User> users = new ConcurrentHashMap<>();

    /** @param clients that are here */
    private record User(List<Pace.Limit> limits, int clients) {}

    Paces(PublishRates rates, DoorCounts counts, LimitedLog log) {
        this.rates = rates;
        this.counts = counts;
        this.log = log;
        long now = System.nanoTime();
        this.all = limits(rates.all(), "all clients together", perSecond -> Rate.saved(perSecond, now));
    }

    private static List<Pace.Limit> limits(PublishRates.Limit limit, String whose, LongFunction<Rate> begin) {
        List<Pace.Limit> limits = new ArrayList<>();
        limit.messages().ifPresent(most -> limits.add(new Pace.Limit(begin.apply(most), most, false, whose)));
        limit.bytes().ifPresent(most -> limits.add(new Pace.Limit(begin.apply(most), most, true, whose)));
        return limits;
    }

    /**
     * The pace of a client that comes in; it must {@link #leave} in the end.
     *
     * @return null if there is no limit, so that it costs nothing
     */
    @Nullable
    Pace enter(ChannelHandlerContext ctx, Client client, Runnable retry) {
        long now = System.nanoTime();
        List<Pace.Limit> limits = new ArrayList<>(all);
        client.username()
                .filter(user -> rates.user().isPresent())
                .ifPresent(user -> limits.addAll(enter(user, now).limits()));
        limits.addAll(limits(rates.client(), "one client", perSecond -> Rate.fresh(perSecond, now)));
        return limits.isEmpty() ? null : new Pace(ctx, counts, log, client, limits, rates.excess(), retry);
    }

    private User enter(String name, long now) {
        return users.compute(
                name,
                (user, here) -> here == null
                        ? new User(
                                limits(
                                        rates.user(),
                                        "all clients of one user",
                                        perSecond -> Rate.fresh(perSecond, now)),
                                1)
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
