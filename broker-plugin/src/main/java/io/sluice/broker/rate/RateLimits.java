package io.sluice.broker.rate;

/**
 * How often clients may do what.
 *
 * @param publishes how much they may publish
 */
public record RateLimits(PublishRates publishes) {

    /** What holds unless the configuration says otherwise. */
    public static RateLimits defaults() {
        return new RateLimits(PublishRates.UNLIMITED);
    }
}
