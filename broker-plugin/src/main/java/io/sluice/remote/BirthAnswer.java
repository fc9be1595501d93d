package io.sluice.remote;

import io.sluice.buffer.log.RecordBatch;
import io.sluice.buffer.log.RecordDecoder;
import io.sluice.buffer.log.StoredMessage;
import io.sluice.remote.wire.FindBirthResponse;
import java.util.Optional;

/**
 * What a broker says of a birth.
 *
 * @param birth absent if there is none
 * @param isKnown whether the broker knows the question: older ones do not
 */
record BirthAnswer(Optional<RecordBatch> birth, boolean isKnown) {

    /** Of a broker that does not know the question. */
    static final BirthAnswer NOT_KNOWN_THERE = new BirthAnswer(Optional.empty(), false);

    static BirthAnswer of(FindBirthResponse response) {
        return new BirthAnswer(
                response.hasBirth()
                        ? Optional.of(Wire.batch(response.getBirth(), new ReusedArray()))
                        : Optional.empty(),
                true);
    }

    /**
     * The birth as a message.
     *
     * @throws io.sluice.buffer.log.BufferException if it was changed on its way
     */
    Optional<StoredMessage> message() {
        return birth.map(RecordBatch::requireIntact).map(RecordDecoder::only);
    }
}
