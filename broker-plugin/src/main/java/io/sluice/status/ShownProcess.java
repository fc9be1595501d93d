package io.sluice.status;

/**
 * The process whose status is served.
 *
 * @param version the version of Sluice in it
 */
public record ShownProcess(Role role, String version) {

    /** What a process is. */
    public enum Role {
        /** A worker of Kafka Connect. */
        WORKER,
        /** A standalone broker. */
        STANDALONE
    }
}
