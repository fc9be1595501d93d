package io.sluice.benchmark;

import java.nio.ByteBuffer;

/**
 * What a payload begins with, so that it is known again in Kafka.
 *
 * @param run the run that it belongs to
 * @param connection the number of its client
 * @param sequence its number among the client's messages, from 0
 * @param dueNs when it was to be published ({@link System#nanoTime}): a latency counts from here, so that a message that had
 *     to wait behind a slow one has waited (coordinated omission)
 */
record Stamp(int run, int connection, int sequence, long dueNs) {

    static final int BYTES = 20;

    static Stamp read(ByteBuffer payload) {
        int at = payload.position();
        return new Stamp(payload.getInt(at), payload.getInt(at + 4), payload.getInt(at + 8), payload.getLong(at + 12));
    }

    static void write(ByteBuffer out, int run, int connection, int sequence, long dueNs) {
        out.putInt(run).putInt(connection).putInt(sequence).putLong(dueNs);
    }
}
