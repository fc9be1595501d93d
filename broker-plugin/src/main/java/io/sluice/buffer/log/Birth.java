package io.sluice.buffer.log;

import io.sluice.buffer.record.RecordLayout;
import io.sluice.message.SparkplugTopic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A message that names the metrics of an edge node or a device of Sparkplug B, and where it is to be found.
 *
 * @param topic its topic, which says whose birth it is
 * @param lane of the client that published it
 */
record Birth(String topic, long position, int lane, Place place) {

    sealed interface Place {}

    /** In the segment that has the position, at an offset. */
    record InSegment(long offset) implements Place {}

    /** In the {@link BirthsFile}, at an offset; its segment is gone. */
    record InFile(long offset, int bytes) implements Place {}

    /** In memory, sealed, until it is in the file; its segment is gone. */
    record InMemory(ByteBuffer record) implements Place {}

    /** Longer ones, which no plant has, are not remembered. */
    static final int LONGEST_TOPIC = 1024;

    private static final long NAMESPACE = longOf(SparkplugTopic.NAMESPACE);
    private static final long NBIRTH = longOf("/NBIRTH/");
    private static final long DBIRTH = longOf("/DBIRTH/");

    private static long longOf(String eightCharacters) {
        return ByteBuffer.wrap(eightCharacters.getBytes(StandardCharsets.US_ASCII))
                .getLong();
    }

    /** Whether a record may be one: reads eight bytes of most others. */
    static boolean mayBe(ByteBuffer in, int at) {
        int topicBytes = RecordLayout.topicBytes(in, at);
        if (topicBytes <= 2 * Long.BYTES
                || topicBytes > LONGEST_TOPIC
                || RecordLayout.code(in, at) != RecordLayout.PUBLISH) {
            return false;
        }
        int topicAt = RecordLayout.topicAt(in, at);
        return in.getLong(topicAt) == NAMESPACE && isBirth(in, topicAt, topicBytes);
    }

    private static boolean isBirth(ByteBuffer in, int topicAt, int topicBytes) {
        int last = topicAt + topicBytes - Long.BYTES;
        for (int slash = topicAt + Long.BYTES; slash <= last; slash++) {
            if (in.get(slash) == '/') {
                long level = in.getLong(slash);
                return level == NBIRTH || level == DBIRTH;
            }
        }
        return false;
    }

    Birth at(Place other) {
        return new Birth(topic, position, lane, other);
    }
}
