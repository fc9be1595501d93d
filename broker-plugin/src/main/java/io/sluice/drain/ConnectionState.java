package io.sluice.drain;

import java.time.Instant;
import java.util.Optional;

/**
 * How the connection to a broker's buffer is.
 *
 * @param connected whether it is there
 * @param since since when it is there, or away
 * @param losses how often it was lost
 * @param lastError why it was lost, or could not be had again, the last time; empty if it never was
 */
public record ConnectionState(boolean connected, Instant since, long losses, Optional<String> lastError) {}
