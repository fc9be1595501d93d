package io.sluice.broker.door.publish;

import io.moquette.broker.MoquetteParts;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.door.client.DoorCounts;
import io.sluice.broker.door.client.LimitedLog;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.Admission.Rest;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.consumer.Interest;
import io.sluice.message.Message;
import java.util.List;

/** What the publishers of all connections share: where their messages go, and what bounds them. Thread-safe. */
public final class Publishers {

    final SharedBuffer buffer;
    final SessionStore sessionStore;
    final MoquetteParts moquette;
    final AccessControl access;
    final UnreleasedIds unreleasedIds;
    final PublishThrottles throttles;
    final Retained retained;
    final Wills wills;
    final DoorCounts counts;
    final LimitedLog log;
    private final boolean fanout;
    private volatile boolean closing;

    /**
     * Those of one front door.
     *
     * @param unreleasedIds of the same buffer
     * @param fanout whether publishes go to subscribers
     */
    public Publishers(
            SharedBuffer buffer,
            SessionStore sessionStore,
            MoquetteParts moquette,
            AccessControl access,
            UnreleasedIds unreleasedIds,
            PublishRates rates,
            boolean fanout,
            DoorCounts counts,
            LimitedLog log) {
        this.buffer = buffer;
        this.sessionStore = sessionStore;
        this.moquette = moquette;
        this.access = access;
        this.unreleasedIds = unreleasedIds;
        this.throttles = new PublishThrottles(rates, counts, log);
        this.retained = new Retained(sessionStore, fanout);
        this.wills = new Wills(buffer, Wills.defaultMaxBytes());
        this.counts = counts;
        this.log = log;
        this.fanout = fanout;
    }

    /** Whether a connector wants what is published to a topic. */
    boolean isCaptured(String topic) {
        return buffer.interest(topic) != Interest.NONE;
    }

    /** Appends a message that nobody awaits an answer for; if it must wait, returns false, and runs the retry later. */
    boolean append(Message message, Runnable retry) {
        boolean mustWait = buffer.append(List.of(message), AppendListener.NONE).rest() == Rest.WAIT;
        if (mustWait) {
            buffer.whenFree(retry);
        }
        return !mustWait;
    }

    MoquetteParts.Audience audience(String topic) {
        return fanout ? moquette.audience(topic) : MoquetteParts.Audience.NOBODY;
    }

    /** The broker closes the connections: their clients leave no wills, since they did nothing wrong. */
    public void close() {
        closing = true;
        wills.close();
    }

    /** Whether it is the broker that closes the connections. */
    boolean isClosing() {
        return closing;
    }
}
