package io.sluice.broker;

import io.sluice.broker.door.ConnectionLimits;
import io.sluice.broker.door.transport.QueueLimits;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.session.SessionLimits;
import java.time.Duration;

/**
 * The limits of a broker.
 *
 * @param connections how many connections there may be
 * @param connectTimeout how long a connection may take to send its whole CONNECT
 * @param stallTimeout how long a client may read nothing while something waits for it
 * @param maxKeepAlive the longest keep-alive of an MQTT 5 client; zero: as the client says
 * @param queues how much of what clients have sent may wait in memory
 * @param rates how often clients may connect, publish and try passwords
 * @param sessions how much is remembered: sessions' queues, subscriptions, retained messages
 */
public record BrokerLimits(
        ConnectionLimits connections,
        Duration connectTimeout,
        Duration stallTimeout,
        Duration maxKeepAlive,
        QueueLimits queues,
        RateLimits rates,
        SessionLimits sessions) {

    /** How long a connection may take to send its whole CONNECT, unless the configuration says otherwise. */
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** How long a client may read nothing while something waits for it, unless the configuration says otherwise. */
    public static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);

    /** The limits that hold unless the configuration says otherwise. */
    public static BrokerLimits defaults() {
        return new BrokerLimits(
                ConnectionLimits.defaults(),
                CONNECT_TIMEOUT,
                STALL_TIMEOUT,
                Duration.ZERO,
                QueueLimits.defaults(),
                RateLimits.defaults(),
                SessionLimits.DEFAULT);
    }
}
