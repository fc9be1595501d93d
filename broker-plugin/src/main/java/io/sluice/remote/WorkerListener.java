package io.sluice.remote;

import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where workers connect. It accepts as many connections as there are {@link WorkerPlaces}. */
final class WorkerListener extends NioServerSocketChannel {

    private final WorkerPlaces places;
    private final Refusals refusals;
    private final boolean encrypted;

    WorkerListener(WorkerPlaces places, Refusals refusals, boolean encrypted) {
        this.places = places;
        this.refusals = refusals;
        this.encrypted = encrypted;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int before = accepted.size();
        int count = super.doReadMessages(accepted);
        accepted.subList(before, accepted.size()).removeIf(connection -> !hasPlace((SocketChannel) connection));
        return count;
    }

    private boolean hasPlace(SocketChannel connection) {
        @Nullable InetSocketAddress from = connection.remoteAddress();
        // Whose address is not known has gone already.
        if (from == null || !places.enter(connection, from)) {
            connection.unsafe().closeForcibly();
            return false;
        }
        if (encrypted) {
            connection.pipeline().addLast(new HandshakeWatch(refusals));
        }
        return true;
    }
}
