package io.sluice.connect.config;

import io.sluice.buffer.consumer.AckMode;
import io.sluice.connect.delivery.BatchLimits;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;

/** Delivery: when publishers are acknowledged, and how much Kafka Connect is handed at once. */
record DeliveryGroup(AbstractConfig values) {

    static final String NAME = "Delivery";

    static final String ACK_MODE = "ack.mode";
    static final String POLL_MAX_RECORDS = "poll.max.records";
    static final String POLL_MAX_BYTES = "poll.max.bytes";

    /** Kafka Connect's own key, which concerns this connector too. */
    static final String TRANSACTION_BOUNDARY = "transaction.boundary";

    private static final String ACK_MODE_DOC =
            "When a publisher gets its PUBACK (QoS 1) or PUBREC (QoS 2). `received`: when the message has arrived; it"
                    + " may be lost. `buffered`: when the message is in the buffer, and synced if the buffer is on"
                    + " disk. `delivered`: when Kafka has acknowledged it.";
    private static final String POLL_MAX_RECORDS_DOC = "The most messages the task hands to Kafka Connect at once.";
    private static final String POLL_MAX_BYTES_DOC =
            "The most bytes of messages the task hands to Kafka Connect at once; it stops after the message that"
                    + " reaches them. Payload, topic, names and properties count, and each user property counts 100 bytes"
                    + " more.";

    private static final Choice<AckMode> ACK_MODES = new Choice<>(AckMode.class);

    static void update(ConfigDef definition) {
        new Keys(definition, NAME)
                .text(ACK_MODE, ACK_MODES.word(AckMode.BUFFERED), ACK_MODES)
                .as(Importance.HIGH, "Acknowledge when", ACK_MODE_DOC)
                .whole(POLL_MAX_RECORDS, 2_000, ConfigDef.Range.atLeast(1))
                .as(Importance.LOW, "Most messages a poll", POLL_MAX_RECORDS_DOC)
                .whole(POLL_MAX_BYTES, 1 << 22, ConfigDef.Range.atLeast(1))
                .as(Importance.LOW, "Most bytes a poll", POLL_MAX_BYTES_DOC);
    }

    static void validate(CheckedValues values) {
        String boundary =
                values.properties().getOrDefault(TRANSACTION_BOUNDARY, "poll").strip();
        if (!boundary.equalsIgnoreCase("poll")) {
            values.refuse(
                    TRANSACTION_BOUNDARY,
                    " is " + boundary
                            + ": leave it at poll, so that a transaction holds what one"
                            + " poll returned and the buffer knows what is committed.");
        }
    }

    AckMode ackMode() {
        return ACK_MODES.constant(values.getString(ACK_MODE));
    }

    BatchLimits batchLimits() {
        return new BatchLimits(values.getInt(POLL_MAX_RECORDS), values.getInt(POLL_MAX_BYTES));
    }
}
