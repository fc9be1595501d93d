package io.sluice.broker.rate;

import java.util.OptionalLong;

/**
 * How much may be published a second. What exceeds it waits, and is not lost.
 *
 * @param client by one client
 * @param user by all clients of one user name
 * @param all by everybody
 */
public record PublishRates(Limit client, Limit user, Limit all) {

    /** As much as the broker takes. */
    public static final PublishRates UNLIMITED = new PublishRates(Limit.NONE, Limit.NONE, Limit.NONE);

    /**
     * How much may be published a second by somebody.
     *
     * @param messages how many messages, at least 1; empty: any number
     * @param bytes how many bytes of topics and payloads, at least 1; empty: any number
     */
    public record Limit(OptionalLong messages, OptionalLong bytes) {

        /** As much as the broker takes. */
        public static final Limit NONE = new Limit(OptionalLong.empty(), OptionalLong.empty());

        /** Whether it limits anything. */
        public boolean isPresent() {
            return messages.isPresent() || bytes.isPresent();
        }
    }
}
