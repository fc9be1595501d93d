package io.sluice.broker.access;

import io.sluice.broker.packet.Reason;
import java.util.Optional;

/** Whether a client may connect. */
public sealed interface LoginResult {

    /**
     * It may.
     *
     * @param username its user, if it has one
     * @param grant how long, and what its credentials allow
     */
    record Accepted(Optional<String> username, AccessGrant grant) implements LoginResult {}

    /**
     * It may not.
     *
     * @param reason for CONNACK
     * @param why for the log, a clause
     */
    record Refused(Reason reason, String why) implements LoginResult {}
}
