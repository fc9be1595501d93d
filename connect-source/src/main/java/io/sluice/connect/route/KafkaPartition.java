package io.sluice.connect.route;

import io.sluice.connect.format.UnmappableException;

/**
 * The partition of a route's records, by a template. Kafka's producer would wait for ever for a partition that the
 * topic does not have, and everything after it too: a number that is too large is refused here.
 *
 * @param template makes a number from 0 on
 * @param counts how many partitions topics have
 */
public record KafkaPartition(Template template, PartitionCounts counts) {

    /** Has more digits than any number of partitions. */
    private static final int MOST_DIGITS = 9;

    /**
     * A template.
     *
     * @throws IllegalArgumentException with one sentence that says what is wrong
     */
    public static Template parse(String text) {
        Template template = Template.of(text);
        if (template.fixed().filter(fixed -> !isNumber(fixed)).isPresent()) {
            throw new IllegalArgumentException("a partition is a whole number from 0 on");
        }
        return template;
    }

    /**
     * Learns how many partitions the topic of a message has.
     *
     * @throws NotNowException if Kafka does not answer
     */
    void prepare(MessageFields fields, String topic) throws NotNowException, UnmappableException {
        counts.learn(topic, number(fields) + 1);
    }

    /** @throws UnmappableException if the template makes no number for it, or one that the topic does not have */
    int of(MessageFields fields, String topic) throws UnmappableException {
        int number = number(fields);
        int count = counts.of(topic);
        if (number >= count) {
            throw new UnmappableException("its partition would be " + number + ", made from kafka.partition " + template
                    + ", and its Kafka topic " + topic + " has " + count + ", counted from 0");
        }
        return number;
    }

    private int number(MessageFields fields) throws UnmappableException {
        String text = template.renderAll(fields)
                .orElseThrow(() ->
                        new UnmappableException("the message has no value for every placeholder of kafka.partition "
                                + template + "; a default can be given after a bar, as in {property.shard|0}"));
        if (!isNumber(text)) {
            throw new UnmappableException("what kafka.partition " + template
                    + " makes of it is no partition, which is a whole number from 0 on");
        }
        return Integer.parseInt(text);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
