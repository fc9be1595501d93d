package io.sluice.broker.session;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The configuration of the session store.
 *
 * @param dir the folder of its files, which nothing else writes to; empty: it is kept in the heap only, and ends with
 *     the process
 * @param limits how much it holds
 * @param clock the wall clock
 */
public record SessionStoreConfig(Optional<Path> dir, SessionLimits limits, InstantSource clock) {}
