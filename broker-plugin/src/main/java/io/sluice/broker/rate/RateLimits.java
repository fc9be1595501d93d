package io.sluice.broker.rate;

/**
 * How often clients may do what.
 *
 * @param publishes how much they may publish
 * @param connects how often they may connect
 */
public record RateLimits(PublishRates publishes, ConnectRates connects) {

    /** What holds unless the configuration says otherwise. */
    public static RateLimits defaults() {
        return new RateLimits(PublishRates.UNLIMITED, ConnectRates.DEFAULT);
    }
}
