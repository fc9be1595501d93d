package io.sluice.broker.door;

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
        SessionLimits sessions) {}
