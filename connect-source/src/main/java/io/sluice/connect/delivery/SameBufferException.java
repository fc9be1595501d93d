package io.sluice.connect.delivery;

import org.apache.kafka.connect.errors.ConnectException;

/**
 * A buffer is found in two places. Its positions are told apart by its id: Kafka Connect would hold the positions of either
 * for both, and messages would be passed over.
 */
public final class SameBufferException extends ConnectException {

    private static final long serialVersionUID = 1L;

    public SameBufferException(String one, String other, String buffer) {
        super(one + " and " + other + " serve the same buffer, " + buffer
                + ": its folder or disk was copied, or one broker has two names. Leave one of them out of"
                + " buffer.endpoints, or let the copy begin with an empty folder; until then none of its messages is"
                + " delivered.");
    }
}
