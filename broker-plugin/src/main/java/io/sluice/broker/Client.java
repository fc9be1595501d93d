package io.sluice.broker;

import java.util.Optional;

/**
 * Who is at the other end of a connection, once it has been let in.
 *
 * @param id client identifier, the client's own or one that the broker assigned
 * @param username user name, if it gave one
 * @param speaksMqtt5 whether it understands reason codes
 * @param cleanStart whether it began a new session
 * @param sessionExpirySeconds how long its session outlives its connection, in seconds
 */
record Client(
        String id, Optional<String> username, boolean speaksMqtt5, boolean cleanStart, long sessionExpirySeconds) {

    /** Whether Moquette forgets its session as soon as it is gone. */
    boolean sessionEndsWithConnection() {
        return cleanStart && sessionExpirySeconds == 0;
    }
}
