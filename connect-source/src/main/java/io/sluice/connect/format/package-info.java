/**
 * What a record carries: the formats of its value, and the headers that tell where it came from.
 *
 * <p>{@link io.sluice.connect.format.ValueFormat} is the entry: it makes, once for each route, the
 * {@link io.sluice.connect.format.ValueMaker} of its values. {@link io.sluice.connect.format.HeaderSelection} chooses
 * headers, which a {@link io.sluice.connect.format.HeaderWriter} sets.
 */
@NullMarked
package io.sluice.connect.format;

import org.jspecify.annotations.NullMarked;
