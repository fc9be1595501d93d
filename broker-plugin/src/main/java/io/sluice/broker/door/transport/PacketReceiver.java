package io.sluice.broker.door.transport;

import io.sluice.broker.packet.Reason;
import java.net.SocketAddress;

/**
 * The handler that takes the packets of a {@link PacketPipeline}, as the handlers before it know it. Belongs to the
 * connection's event loop.
 */
public interface PacketReceiver {

    /** The peer's address is known. */
    void comesFrom(SocketAddress address);

    /** Closes the connection of a peer that has not sent a CONNECT; {@code why} is a clause for the log. */
    void turnAway(String why);

    /** The same, with a last packet. */
    void turnAway(String why, Runnable close);

    /**
     * Its CONNECT comes next.
     *
     * @param bridge whether it says that it is another broker
     * @param wrong what is wrong with its bytes, or {@link Reason#SUCCESS}
     */
    void expect(boolean mqtt5, boolean bridge, Reason wrong);

    /** So many bytes of a packet have arrived. */
    void holdsPart(int bytes);

    /** Whether its CONNECT has named an authentication method, so that AUTH may follow. */
    boolean mayAuthenticate();

    /** How many messages have reached this handler: the decoder has made none of a packet that is missing. */
    long received();

    /** Takes no further packets, and closes the connection when those before have been processed. */
    void seal(Reason reason);
}
