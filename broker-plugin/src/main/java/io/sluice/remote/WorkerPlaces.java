package io.sluice.remote;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.sluice.remote.DrainStats.Refusal;
import io.sluice.tls.Tokens;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The places of a listener for connections, half of which one address takes at most: whoever opens one connection after
 * the other takes neither the files of the process, which its devices need too, nor the places of workers. Where no
 * place is left, a connection on which nobody was let in gives its place to the new one: the oldest of the address that
 * has most of them. Whose token was taken out of the broker's file is nobody again. Thread-safe.
 */
final class WorkerPlaces {

    /** Whoever is refused has so long to read why: a connection that is closed at once may lose what was written last. */
    private static final int FAREWELL_SECONDS = 1;

    /** @param admission by what somebody was let in on it last; empty if no token is asked for */
    private record LetIn(Channel connection, Optional<Tokens.Admission> admission) {}

    private final Refusals refusals;
    private final int most;
    private final int mostOfOneAddress;
    private final Map<InetAddress, Integer> byAddress = new HashMap<>();
    private final Map<InetSocketAddress, LetIn> letIn = new HashMap<>();

    /** Connections on which nobody was let in yet, in the order in which they came. */
    private final Map<InetSocketAddress, Channel> strangers = new LinkedHashMap<>();

    /** @param most how many there are, at least 2 */
    WorkerPlaces(Refusals refusals, int most) {
        this.refusals = refusals;
        this.most = most;
        this.mostOfOneAddress = most / 2;
    }

    /** Takes a place for a connection; returns false if none is left, and none is a stranger's. */
    synchronized boolean enter(Channel connection, InetSocketAddress from) {
        InetAddress address = from.getAddress();
        boolean addressIsFull = byAddress.getOrDefault(address, 0) == mostOfOneAddress;
        if (addressIsFull || strangers.size() + letIn.size() == most) {
            Optional<Map.Entry<InetSocketAddress, Channel>> leaves = stranger(address, addressIsFull);
            if (leaves.isEmpty()) {
                endAdmissions();
                leaves = stranger(address, addressIsFull);
            }
            refusals.refused(
                    Refusal.CONNECTIONS,
                    Refusals.worker(leaves.map(Map.Entry::getKey).orElse(from)),
                    "the listener takes " + most + " connections, and " + mostOfOneAddress + " from one address");
            if (leaves.isEmpty()) {
                return false;
            }
            Channel stranger = leaves.get().getValue();
            leave(stranger, leaves.get().getKey());
            stranger.eventLoop().execute(() -> close(stranger));
        }
        strangers.put(from, connection);
        byAddress.merge(address, 1, Integer::sum);
        connection.closeFuture().addListener(closed -> leave(connection, from));
        return true;
    }

    /**
     * The broker has let somebody in on the connection that comes from there, which gives its place to nobody from now on.
     *
     * @param admission by what; empty if no token is asked for
     */
    synchronized void letIn(@Nullable SocketAddress from, Optional<Tokens.Admission> admission) {
        if (from instanceof InetSocketAddress known) {
            @Nullable Channel connection = strangers.remove(known);
            if (connection != null) {
                letIn.put(known, new LetIn(connection, admission));
            } else {
                letIn.computeIfPresent(known, (address, before) -> new LetIn(before.connection(), admission));
            }
        }
    }

    /**
     * The broker has refused somebody on the connection that comes from there. If it is a stranger's, nothing more is read of
     * it, and it is closed soon.
     */
    synchronized void refuse(@Nullable SocketAddress from) {
        @Nullable Channel stranger = strangers.get(from);
        if (stranger != null && stranger.config().isAutoRead()) {
            stranger.config().setAutoRead(false);
            stranger.eventLoop().schedule(() -> close(stranger), FAREWELL_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Not through gRPC's handler: it waits for an answer of the other end, and keeps the file open meanwhile. */
    private static void close(Channel stranger) {
        stranger.unsafe().close(stranger.voidPromise());
    }

    /** Makes strangers of those whose token was taken out since they were let in. */
    private void endAdmissions() {
        letIn.entrySet().removeIf(one -> {
            LetIn in = one.getValue();
            boolean ends = in.admission().isPresent() && !in.admission().get().holds();
            if (ends) {
                strangers.put(one.getKey(), in.connection());
            }
            return ends;
        });
    }

    private synchronized void leave(Channel connection, InetSocketAddress from) {
        @Nullable LetIn in = letIn.get(from);
        if (strangers.remove(from, connection)
                || (in != null && in.connection().equals(connection) && letIn.remove(from, in))) {
            byAddress.computeIfPresent(
                    from.getAddress(), (address, count) -> count == 1 ? null : Integer.valueOf(count - 1));
        }
    }

    private Optional<Map.Entry<InetSocketAddress, Channel>> stranger(InetAddress address, boolean ofThisAddress) {
        return ofThisAddress
                ? oldestStranger(address)
                : addressOfMostStrangers().flatMap(this::oldestStranger);
    }

    private Optional<Map.Entry<InetSocketAddress, Channel>> oldestStranger(InetAddress address) {
        return strangers.entrySet().stream()
                .filter(stranger -> stranger.getKey().getAddress().equals(address))
                .findFirst();
    }

    private Optional<InetAddress> addressOfMostStrangers() {
        return strangers.keySet().stream()
                .collect(Collectors.groupingBy(InetSocketAddress::getAddress, Collectors.counting()))
                .entrySet()
                .stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey);
    }
}
