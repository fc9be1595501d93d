package io.sluice.remote;

import java.util.Map;

/**
 * What a broker that serves its buffer has done since it began.
 *
 * @param attached how many workers' tasks are attached now
 * @param sentBytes bytes of records handed to their connections
 * @param refused who was not let in, by reason
 */
public record DrainStats(int attached, long sentBytes, Map<Refusal, Long> refused) {

    /** Of a broker that does not serve its buffer. */
    public static final DrainStats NONE = new DrainStats(0, 0, Map.of());

    public DrainStats {
        refused = Map.copyOf(refused);
    }

    /** Why somebody was not let in. */
    public enum Refusal {
        /** No token, or none that the broker knows. */
        TOKEN,
        /** One side did not trust the other's certificate, or there was none, or TLS failed otherwise. */
        TLS,
        /** Plain text where TLS is spoken. */
        PLAIN_TEXT,
        /** No version of the protocol in common. */
        VERSION,
        /** There are as many connections as there may be. */
        CONNECTIONS
    }
}
