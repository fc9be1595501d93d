package io.sluice.remote;

import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.sluice.remote.DrainStats.Refusal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where workers connect. It accepts so many connections at a time, and half of them from one address: whoever opens one
 * after the other takes neither the files of the process, which its devices need too, nor the places of other workers.
 */
final class WorkerListener extends NioServerSocketChannel {

    private final Refusals refusals;
    private final boolean encrypted;
    private final int most;
    private final int mostOfOneAddress;
    private final Map<String, Integer> byAddress = new HashMap<>();
    private int open;

    /** @param most how many connections it accepts, at least 2 */
    WorkerListener(Refusals refusals, boolean encrypted, int most) {
        this.refusals = refusals;
        this.encrypted = encrypted;
        this.most = most;
        this.mostOfOneAddress = most / 2;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int before = accepted.size();
        int count = super.doReadMessages(accepted);
        accepted.subList(before, accepted.size()).removeIf(connection -> !isLetIn((SocketChannel) connection));
        return count;
    }

    private boolean isLetIn(SocketChannel connection) {
        String who = Refusals.worker(connection.remoteAddress());
        if (!enter(who)) {
            refusals.refused(
                    Refusal.CONNECTIONS,
                    who,
                    "the listener takes " + most + " connections, and " + mostOfOneAddress + " from one address");
            connection.unsafe().closeForcibly();
            return false;
        }
        connection.closeFuture().addListener(closed -> leave(who));
        if (encrypted) {
            connection.pipeline().addLast(new HandshakeWatch(refusals));
        }
        return true;
    }

    private synchronized boolean enter(String who) {
        if (open == most || byAddress.getOrDefault(who, 0) == mostOfOneAddress) {
            return false;
        }
        open++;
        byAddress.merge(who, 1, Integer::sum);
        return true;
    }

    private synchronized void leave(String who) {
        open--;
        byAddress.computeIfPresent(who, (address, count) -> count == 1 ? null : Integer.valueOf(count - 1));
    }
}
