package io.sluice.broker.session;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A session as it is remembered (MQTT 5 section 4.1).
 *
 * @param clientId MQTT client identifier
 * @param username whose session it is: the user name of the client that opened it, if it gave one
 * @param protocolLevel MQTT protocol level of the last connection: 3, 4 or 5
 * @param expirySeconds how long the session outlives its connection, in seconds, 0 to 4,294,967,295; the last is for ever
 *     (section 3.1.2.11.2)
 * @param disconnectedAtMs when the connection ended, in milliseconds since the epoch; empty while it lasts
 */
public record StoredSession(
        String clientId,
        Optional<String> username,
        int protocolLevel,
        long expirySeconds,
        OptionalLong disconnectedAtMs) {

    /** The session expiry interval of a session that never expires. */
    public static final long NEVER = 0xFFFF_FFFFL;

    public StoredSession {
        if (expirySeconds < 0 || expirySeconds > NEVER) {
            throw new IllegalArgumentException(
                    "a session expiry interval of " + expirySeconds + " seconds is not between 0 and " + NEVER);
        }
    }
}
