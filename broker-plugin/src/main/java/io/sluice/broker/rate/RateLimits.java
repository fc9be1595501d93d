package io.sluice.broker.rate;

import java.time.Duration;

/**
 * How often clients may publish, connect and try passwords.
 *
 * @param publishes how much they may publish
 * @param connects how often they may connect
 * @param longestLoginDelay how long a login waits at most where wrong passwords have come before; zero: none waits
 */
public record RateLimits(PublishRates publishes, ConnectRates connects, Duration longestLoginDelay) {

    /** How long a login waits at most, unless the configuration says otherwise. */
    public static final Duration LOGIN_DELAY = Duration.ofSeconds(5);
}
