/**
 * Recovery: what is remembered beside the log, and how a log goes on that an earlier process left, however that ended.
 *
 * <p>{@link io.sluice.buffer.recovery.Recovery} is the entry, and its Javadoc has each step: from the {@link
 * io.sluice.buffer.recovery.Checkpoints} and the segments' headers to the tail, the packet identifiers and the births, for
 * which {@code TailCheck}, {@code LedgerScan} and {@code BirthScan} read segments. While the buffer is open, {@link
 * io.sluice.buffer.recovery.Checkpoints} keeps the next {@link io.sluice.buffer.recovery.Checkpoint} on the disk. {@link
 * io.sluice.buffer.recovery.LogInspection} says what recovery would find, and changes nothing.
 *
 * <p>This room builds on {@code io.sluice.buffer.log}, which does not know it.
 */
@NullMarked
package io.sluice.buffer.recovery;

import org.jspecify.annotations.NullMarked;
