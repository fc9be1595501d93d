package io.sluice.broker.door;

import org.jspecify.annotations.Nullable;

/**
 * The handlers of one publisher's packets, from CONNACK on.
 *
 * @param throttle null if nothing limits its publishes
 * @param connected must be in the buffer before what it publishes
 */
record Publishing(
        UnreleasedIds.Session session,
        AckQueue acks,
        Capture capture,
        PubrelHandler pubrels,
        @Nullable PublishThrottle throttle,
        ConnectedEvent connected) {}
