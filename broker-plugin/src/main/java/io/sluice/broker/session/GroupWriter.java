package io.sluice.broker.session;

import io.sluice.broker.session.Change.GroupBegun;
import io.sluice.broker.session.Change.Published;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Writes changes to a file of the journal. For the writer's thread. */
final class GroupWriter {

    private static final int BUFFER_BYTES = 256 << 10;

    private final StoreClock clock;
    private final CRC32C crc = new CRC32C();
    private ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private long bufferOffset;
    private long number;

    record Written(Published published, long offset) {}

    /** What was written, and where it ends: for the file to be told once that is for good. */
    record Result(List<Written> messages, long end) {}

    /** @param number of the last group that was written */
    GroupWriter(StoreClock clock, long number) {
        this.clock = clock;
        this.number = number;
    }

    /** Writes a group after the end of a file, which stays where it is. */
    Result write(JournalFile file, List<Change> changes) throws IOException {
        List<Written> messages = new ArrayList<>();
        buffer.clear();
        bufferOffset = file.end();
        put(file, new GroupBegun(++number, clock.nowMs(), clock.wallMs()));
        for (Change change : changes) {
            long offset = put(file, change);
            if (change instanceof Published published) {
                messages.add(new Written(published, offset));
            }
        }
        flush(file);
        return new Result(messages, bufferOffset);
    }

    private long put(JournalFile file, Change change) throws IOException {
        int most = JournalFormat.sizeLimit(change);
        if (buffer.remaining() < most) {
            flush(file);
            if (buffer.capacity() < most || buffer.capacity() > Math.max(BUFFER_BYTES, most)) {
                buffer = ByteBuffer.allocate(Math.max(BUFFER_BYTES, most));
            }
        }
        int at = buffer.position();
        JournalFormat.encode(change, buffer);
        JournalFormat.seal(buffer, at, file.salt, crc);
        return bufferOffset + at;
    }

    private void flush(JournalFile file) throws IOException {
        buffer.flip();
        int bytes = buffer.remaining();
        file.write(buffer, bufferOffset);
        bufferOffset += bytes;
        buffer.clear();
    }
}
