package io.sluice.broker;

import io.moquette.broker.metrics.MQTTMessageLogger;
import io.moquette.broker.security.IAuthorizatorPolicy;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.sluice.buffer.SharedBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.LoggerFactory;

/**
 * What all connections of a broker share: where captured messages go, who may publish, and how much may be on its way
 * to Moquette.
 *
 * <p>Every connection gets a {@link FrontDoorHandler} in front of Moquette's handler. Thread-safe.
 */
final class FrontDoor {

    /** Publishes of QoS 1 and 2 that an MQTT 5 client may have in flight (section 3.2.2.3.3). */
    static final int RECEIVE_MAXIMUM = 1_000;

    /** The most bytes that the fixed header of a packet takes (section 2.1). */
    static final int FIXED_HEADER_BYTES = 5;

    /** Name of Moquette's handler of MQTT packets, before which ours stands. */
    private static final String MOQUETTE_HANDLER = "handler";

    /** Name of the handler that makes whole HTTP requests, on listeners that open WebSockets. */
    private static final String HTTP_HANDLER = "aggregator";

    /** Name of Moquette's handler that closes silent connections. */
    private static final String MOQUETTE_IDLE_HANDLER = "idleEventHandler";

    /** Name of Moquette's handler that logs packets. */
    private static final String MOQUETTE_LOGGING_HANDLER = "messageLogger";

    private final SharedBuffer buffer;
    private final IAuthorizatorPolicy authorizator;
    private final Optional<Audience> audience;
    private final Terms terms;
    private final QueuedBytes queuedBytes;
    private final ForwardingWindows windows = new ForwardingWindows();
    private final UnreleasedIds unreleasedIds;
    private final Sessions sessions;
    private final Arrivals arrivals = new Arrivals();
    private final Wills wills = new Wills();
    private final LongAdder refused = new LongAdder();
    private final AtomicInteger connectedClients = new AtomicInteger();
    private final List<WebSocketOrigin> origins;
    private final Set<EventLoopGroup> eventLoops = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    /**
     * @param audience who gets publishes besides the buffer; empty: nobody
     */
    FrontDoor(
            SharedBuffer buffer,
            UnreleasedIds unreleasedIds,
            Sessions sessions,
            IAuthorizatorPolicy authorizator,
            Optional<Audience> audience,
            Terms terms,
            List<WebSocketOrigin> origins,
            QueueLimits queueLimits) {
        this.buffer = buffer;
        this.unreleasedIds = unreleasedIds;
        this.sessions = sessions;
        this.authorizator = authorizator;
        this.audience = audience;
        this.terms = terms;
        this.origins = List.copyOf(origins);
        this.queuedBytes = new QueuedBytes(queueLimits);
    }

    /** Ends these event loops too when it closes. */
    void watch(EventLoopGroup loops) {
        eventLoops.add(loops);
    }

    /** Puts a handler of ours in front of Moquette's in the pipeline of a new connection. */
    void enter(ChannelPipeline pipeline) {
        watch(pipeline.channel().eventLoop().parent());
        Inbox inbox = new Inbox(pipeline.channel(), queuedBytes);
        FrontDoorHandler handler = new FrontDoorHandler(this, inbox);
        pipeline.addBefore(MOQUETTE_HANDLER, "frontDoor", handler);
        if (pipeline.get(HTTP_HANDLER) != null) {
            pipeline.addAfter(HTTP_HANDLER, "originCheck", new OriginCheck(origins));
        }
        pipeline.replace(MOQUETTE_IDLE_HANDLER, MOQUETTE_IDLE_HANDLER, new IdleConnectionHandler(handler, inbox));
        if (!LoggerFactory.getLogger(MQTTMessageLogger.class).isDebugEnabled()) {
            pipeline.replace(MOQUETTE_LOGGING_HANDLER, "failedWrites", FailedWriteHandler.INSTANCE);
        }
    }

    /** A client is let in by a connection. */
    void letIn(Channel connection) {
        connectedClients.incrementAndGet();
        connection.closeFuture().addListener(closed -> connectedClients.decrementAndGet());
    }

    /** How many clients are connected, or still losing their connection. */
    int connectedClients() {
        return connectedClients.get();
    }

    SharedBuffer buffer() {
        return buffer;
    }

    IAuthorizatorPolicy authorizator() {
        return authorizator;
    }

    /** Who waits for publishes behind the front door; empty: nobody ever does. */
    Optional<Audience> audience() {
        return audience;
    }

    Terms terms() {
        return terms;
    }

    /** What waits in memory, over all connections. */
    QueuedBytes queuedBytes() {
        return queuedBytes;
    }

    ForwardingWindows windows() {
        return windows;
    }

    UnreleasedIds unreleasedIds() {
        return unreleasedIds;
    }

    Sessions sessions() {
        return sessions;
    }

    Arrivals arrivals() {
        return arrivals;
    }

    Wills wills() {
        return wills;
    }

    /** Closes all connections. */
    void close() {
        closing = true;
        wills.close();
        sessions.close();
        eventLoops.forEach(EventLoops::end);
    }

    /** Whether it is us who close the connections. */
    boolean isClosing() {
        return closing;
    }

    /** Counts publishes that were refused, with or without closing the connection. */
    LongAdder refused() {
        return refused;
    }
}
