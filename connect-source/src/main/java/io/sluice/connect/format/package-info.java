/**
 * What a record carries: the formats of its value, and the headers that tell where it came from.
 *
 * <p>{@link io.sluice.connect.format.ValueFormat} is the entry, {@link io.sluice.connect.format.HeaderSelection} makes the
 * headers.
 */
@NullMarked
package io.sluice.connect.format;

import org.jspecify.annotations.NullMarked;
