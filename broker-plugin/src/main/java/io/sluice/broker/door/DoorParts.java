package io.sluice.broker.door;

import io.moquette.broker.MoquetteParts;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.client.ClientLimits;
import io.sluice.broker.door.client.ConnectRateLimit;
import io.sluice.broker.door.client.DoorCounts;
import io.sluice.broker.door.client.LimitedLog;
import io.sluice.broker.door.client.LoginDelays;
import io.sluice.broker.door.publish.Publishers;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.door.transport.QueuedBytes;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.SharedBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/** What the connections of one front door share: the classes of this package take it from here. Thread-safe. */
final class DoorParts {

    final SessionStore sessionStore;
    final AccessControl access;
    final ClientLimits clientLimits;
    final boolean proxyProtocol;
    final QueuedBytes queuedBytes;
    final ConnectionLimits.Count connections;
    final ConnectRateLimit connectRateLimit;
    final LoginDelays loginDelays;
    final ClientConnections clientConnections = new ClientConnections();
    final DoorCounts counts = new DoorCounts();
    final LimitedLog log;
    final MoquetteParts moquette;
    final Publishers publishers;
    /** The number of the latest CONNECT, higher than those of all before. */
    final AtomicLong arrivals = new AtomicLong();

    /** @param failed is told of a client, and why a command that Moquette ran for it has failed */
    DoorParts(
            DoorConfig config,
            SharedBuffer buffer,
            SessionStore store,
            UnreleasedIds unreleasedIds,
            LimitedLog log,
            BiConsumer<String, Throwable> failed) {
        RateLimits rates = config.limits().rates();
        this.sessionStore = store;
        this.access = config.access();
        this.clientLimits = config.clientLimits();
        this.proxyProtocol = config.proxyProtocol();
        this.queuedBytes = new QueuedBytes(config.limits().queues());
        this.connections = new ConnectionLimits.Count(config.limits().connections());
        this.connectRateLimit = new ConnectRateLimit(rates.connects(), config.proxyProtocol(), counts, log);
        this.loginDelays = new LoginDelays(rates.longestLoginDelay(), counts, log);
        this.log = log;
        this.moquette = new MoquetteParts(
                store, access.rights(), clientLimits.maxSessionExpirySeconds(), failed, unreleasedIds::sessionEnded);
        this.publishers = new Publishers(
                buffer, store, moquette, access, unreleasedIds, rates.publishes(), config.fanout(), counts, log);
    }
}
