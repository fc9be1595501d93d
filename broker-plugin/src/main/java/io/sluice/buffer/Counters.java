package io.sluice.buffer;

import io.sluice.buffer.log.Drops;
import java.util.concurrent.atomic.LongAdder;

/** What has happened since the buffer was opened. Thread-safe. */
final class Counters {

    final LongAdder appended = new LongAdder();
    final LongAdder appendedBytes = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder groups = new LongAdder();
    final GroupTimes groupTimes = new GroupTimes(System::nanoTime);
    final Drops drops = new Drops();
}
