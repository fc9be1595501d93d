package io.sluice.broker.rate;

import java.util.OptionalLong;

/**
 * How much may be published a second, and what happens to publishes that exceed it.
 *
 * @param client by one client
 * @param user by all clients of one user name
 * @param all by everybody
 * @param excess what happens to publishes that exceed it
 */
public record PublishRates(Limit client, Limit user, Limit all, Excess excess) {

    /** As much as the broker takes. */
    public static final PublishRates UNLIMITED = new PublishRates(Limit.NONE, Limit.NONE, Limit.NONE, Excess.WAIT);

    /** What happens to a publish that exceeds a rate. */
    public enum Excess {
        /** It waits and is acknowledged later, so that nothing is lost. */
        WAIT,
        /** Its publisher is told that it was not taken, if it can be told (MQTT 5, QoS 1 and 2); else it waits. */
        REFUSE
    }

    /**
     * How much may be published a second.
     *
     * @param messages how many messages, at least 1; empty: any number
     * @param bytes how many bytes of topics and payloads, at least 1; empty: any number
     */
    public record Limit(OptionalLong messages, OptionalLong bytes) {

        /** As much as the broker takes. */
        public static final Limit NONE = new Limit(OptionalLong.empty(), OptionalLong.empty());

        public boolean isPresent() {
            return messages.isPresent() || bytes.isPresent();
        }
    }
}
