package io.sluice.status;

/** The process whose status is served. */
public record ShownProcess(Role role, String version) {

    /** What a process is. */
    public enum Role {
        /** A worker of Kafka Connect. */
        WORKER,
        /** A standalone broker. */
        STANDALONE
    }
}
