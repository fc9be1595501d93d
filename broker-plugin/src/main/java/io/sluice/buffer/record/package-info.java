/**
 * Records: a message as it lies in bytes, and what becomes of it for those who read, in this process or on another machine.
 *
 * <p>{@link io.sluice.buffer.record.RecordLayout} is the entry: it knows each byte of a record. To be read after it: {@link
 * io.sluice.buffer.record.Records} gathers records that are to be written, {@link io.sluice.buffer.record.RecordFilter} says
 * who wants them, {@link io.sluice.buffer.record.RecordBatch} carries them to a reader, also on another machine, and {@link
 * io.sluice.buffer.record.RecordDecoder} makes messages of them. The rest are the values that all rooms of the buffer speak
 * in: lanes and positions, gaps, and what is refused.
 *
 * <p>This room knows messages, and neither files nor segments: where records lie is {@code io.sluice.buffer.log}'s business.
 */
@NullMarked
package io.sluice.buffer.record;

import org.jspecify.annotations.NullMarked;
