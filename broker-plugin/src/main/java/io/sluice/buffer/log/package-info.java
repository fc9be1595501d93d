/**
 * The log: how segments lie on the disk, how they are written, and how they are read. What a record is, {@code
 * io.sluice.buffer.record} says; who opens a log again, {@code io.sluice.buffer.recovery}. Who reads, and for whom it is kept,
 * is none of its business: that is {@code io.sluice.buffer.consumer}'s.
 *
 * <p>{@link io.sluice.buffer.log.Log} is the entry: its {@link io.sluice.buffer.log.Segment}s, which one {@link
 * io.sluice.buffer.log.SegmentWriter} extends and any number of {@link io.sluice.buffer.log.LogReader}s read, through a {@code
 * SegmentCursor} each and the {@code Block}s that they share. To be read after them: the {@link io.sluice.buffer.log.Ledger} of
 * packet identifiers that each segment begins with, {@link io.sluice.buffer.log.Losses}, and the {@link
 * io.sluice.buffer.log.Births} of Sparkplug B.
 */
@NullMarked
package io.sluice.buffer.log;

import org.jspecify.annotations.NullMarked;
