package io.sluice.broker.door;

import io.netty.channel.Channel;
import io.sluice.broker.door.transport.EventLoopCall;
import io.sluice.broker.packet.Reason;
import io.sluice.broker.session.SafeListener;
import io.sluice.broker.session.SessionStoreException;
import java.util.function.Consumer;

/**
 * Runs actions of one connection when the broker's copy of the client's session would survive a crash.
 *
 * <p>Not thread-safe: belongs to the connection's event loop.
 */
final class SessionSync {

    private final DoorParts door;
    private final Channel channel;
    private final Consumer<Reason> refuse;
    private boolean isStored;

    /** @param refuse closes the connection, if the session cannot be stored */
    SessionSync(DoorParts door, Channel channel, Consumer<Reason> refuse) {
        this.door = door;
        this.channel = channel;
        this.refuse = refuse;
    }

    /** @param stored whether the session store holds anything of this client, or has to forget it */
    void isStored(boolean stored) {
        isStored = stored;
    }

    /** Runs an action on the event loop, at once if nothing of the client is stored. */
    void whenSafe(Runnable action) {
        if (!isStored) {
            EventLoopCall.on(channel, action);
            return;
        }
        door.sessionStore.whenSafe(new SafeListener() {
            @Override
            public void safe() {
                EventLoopCall.on(channel, action);
            }

            @Override
            public void failed(SessionStoreException cause) {
                EventLoopCall.on(channel, () -> refuse.accept(Reason.SERVER_UNAVAILABLE));
            }
        });
    }
}
