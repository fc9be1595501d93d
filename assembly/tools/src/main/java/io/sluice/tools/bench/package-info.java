/**
 * Load on a broker, and how it bears it. {@link io.sluice.tools.bench.Fleet} says what devices do and when, whatever the
 * broker does, {@link io.sluice.tools.bench.PublishLoad} lets them, and {@link io.sluice.tools.bench.BenchCounts} measures
 * from when something was to happen: a broker that stands still is seen by all that should have happened meanwhile.
 */
@NullMarked
package io.sluice.tools.bench;

import org.jspecify.annotations.NullMarked;
