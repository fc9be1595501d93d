package io.sluice.status;

import io.netty.channel.Channel;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The open connections, a limited number. Beyond it, a new one takes the place of the one that has asked nothing for
 * the longest time, also if that one waits for events or does not read its answer. For the one thread of the listener.
 */
final class OpenConnections {

    static final int MOST = 64;

    private final Set<Channel> byLastRequest = new LinkedHashSet<>();

    void enter(Channel channel) {
        byLastRequest.add(channel);
        channel.closeFuture().addListener(closed -> byLastRequest.remove(channel));
        if (byLastRequest.size() > MOST) {
            Channel eldest = byLastRequest.iterator().next();
            byLastRequest.remove(eldest);
            eldest.close();
        }
    }

    void asks(Channel channel) {
        if (byLastRequest.remove(channel)) {
            byLastRequest.add(channel);
        }
    }
}
