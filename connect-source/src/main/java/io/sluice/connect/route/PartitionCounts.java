package io.sluice.connect.route;

import io.sluice.connect.format.UnmappableException;

/** How many partitions Kafka topics have. For one thread. */
public interface PartitionCounts {

    /** Any number, where it need not be known. */
    PartitionCounts UNKNOWN = new PartitionCounts() {
        @Override
        public void learn(String topic, int atLeast) {}

        @Override
        public int of(String topic) {
            return Integer.MAX_VALUE;
        }
    };

    /**
     * Asks for the number if it is not known, or not known to be large enough. Waits a second or two at most.
     *
     * @param atLeast the number that is needed
     * @throws NotNowException if Kafka does not answer
     */
    void learn(String topic, int atLeast) throws NotNowException;

    /**
     * The number that was learnt; does not wait.
     *
     * @throws UnmappableException if Kafka has told why there is none
     */
    int of(String topic) throws UnmappableException;
}
