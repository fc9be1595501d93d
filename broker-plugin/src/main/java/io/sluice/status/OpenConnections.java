package io.sluice.status;

import io.netty.channel.Channel;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The open connections, a limited number. Beyond it, a new one takes the place of the one that has asked nothing for
 * the longest time. For the one thread of the listener.
 */
final class OpenConnections {

    static final int MOST = 64;

    private final Set<Channel> quiet = new LinkedHashSet<>();
    private int open;

    /** A connection has come. Returns whether there is a place for it. */
    boolean enter(Channel channel) {
        open++;
        channel.closeFuture().addListener(closed -> {
            open--;
            quiet.remove(channel);
        });
        if (open > MOST) {
            Iterator<Channel> eldest = quiet.iterator();
            if (!eldest.hasNext()) {
                return false;
            }
            Channel gives = eldest.next();
            eldest.remove();
            gives.close();
        }
        quiet.add(channel);
        return true;
    }

    /** It has asked something, which is being answered. */
    void busy(Channel channel) {
        quiet.remove(channel);
    }

    /** It was answered. */
    void quiet(Channel channel) {
        quiet.add(channel);
    }
}
