package io.sluice.remote;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.sluice.remote.wire.Versions;

/** The versions of the protocol in {@code drain.proto} that this Sluice speaks, as worker and as broker. */
final class Protocol {

    private static final int OLDEST = 1;
    private static final int NEWEST = 1;

    private Protocol() {}

    /** What a worker says. */
    static Versions spoken() {
        return Versions.newBuilder().setOldest(OLDEST).setNewest(NEWEST).build();
    }

    /**
     * What a broker answers: the highest version that both ends speak.
     *
     * @throws StatusRuntimeException if there is none
     */
    static int agree(Versions worker) {
        int version = Math.min(NEWEST, worker.getNewest());
        if (version < OLDEST || version < worker.getOldest()) {
            throw Status.FAILED_PRECONDITION
                    .withDescription("the broker speaks versions " + OLDEST + " to " + NEWEST
                            + " of the protocol, and the worker " + worker.getOldest() + " to " + worker.getNewest()
                            + ": upgrade the " + (version < OLDEST ? "worker" : "broker"))
                    .asRuntimeException();
        }
        return version;
    }
}
