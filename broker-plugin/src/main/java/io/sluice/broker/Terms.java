package io.sluice.broker;

/**
 * What the broker grants MQTT 5 clients, and tells them when they connect.
 *
 * @param maxPacketBytes the largest packet that is taken, its fixed header included (section 3.2.2.3.6)
 * @param maxSessionExpirySeconds how long a session outlives its connection at most (section 3.2.2.3.2)
 */
record Terms(int maxPacketBytes, int maxSessionExpirySeconds) {}
