package io.sluice.broker.access;

import io.sluice.broker.packet.Reason;
import java.util.Optional;

/** What becomes of somebody who wants to come in. */
public sealed interface Verdict {

    /**
     * They may come in.
     *
     * @param username who they are, if anybody in particular
     * @param pass by what
     */
    record Welcome(Optional<String> username, Pass pass) implements Verdict {}

    /**
     * They may not.
     *
     * @param reason as they are told
     * @param why as the log says it, a clause
     */
    record Unwelcome(Reason reason, String why) implements Verdict {}
}
