/**
 * The log: how segments and checkpoints lie on the disk, how they are written and recovered, and how they are read. What a
 * record is, {@code io.sluice.buffer.record} says. Who reads, and for whom it is kept, is none of its business: that is
 * {@code io.sluice.buffer}'s.
 *
 * <p>{@link io.sluice.buffer.log.Recovery} is the entry: it opens a {@link io.sluice.buffer.log.Log}, which one {@link
 * io.sluice.buffer.log.SegmentWriter} extends and any number of {@link io.sluice.buffer.log.LogReader}s read.
 */
@NullMarked
package io.sluice.buffer.log;

import org.jspecify.annotations.NullMarked;
