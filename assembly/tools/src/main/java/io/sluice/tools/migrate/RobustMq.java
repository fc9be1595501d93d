package io.sluice.tools.migrate;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.tools.ToolException;
import java.util.Map;

/** RobustMQ's Kafka connector: the JSON that {@code robust-ctl mqtt connector create --config} takes. */
public final class RobustMq {

    private static final int DEFAULT_LINGER_MS = 5;
    private static final int DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

    private RobustMq() {}

    /**
     * A connector that does the same, without losing what Kafka does not take at once.
     *
     * @param type its connector type; Kafka is the only one that has a counterpart
     * @param json its configuration
     * @param topic the MQTT topic, or filter, that it reads
     * @param anotherKafka whether its servers are not those of the worker
     * @param own settings in place of the usual ones
     * @throws ToolException if the type is another, or the JSON is not understood
     */
    public static Migrated migrate(
            String type, String json, String topic, boolean anotherKafka, Map<String, String> own) {
        if (!type.equalsIgnoreCase("kafka")) {
            throw ToolException.usage("--connector-type " + type + " has no counterpart; Kafka is the one that has.");
        }
        Migrated migrated = new Migrated(own);
        Fields fields = Fields.parse("--config", json);
        migrated.set("topic.filters", topic);
        migrated.set("kafka.topic", fields.get("topic"));
        migrated.literal("kafka.key", fields.find("key").orElse(""));
        if (!own.containsKey("value.format")) {
            migrated.set("value.format", "robustmq");
        }
        migrated.bootstrapServers(fields.get("bootstrap_servers"), anotherKafka);
        fields.find("compression_type").ifPresent(value -> migrated.producer("compression.type", value));
        fields.find("batch_size").ifPresent(value -> migrated.producer("batch.size", value));
        fields.find("linger_ms").ifPresent(value -> migrated.producer("linger.ms", value));
        fields.find("acks").ifPresent(value -> migrated.producer("acks", value));
        fields.find("retries").ifPresent(value -> migrated.producer("retries", value));
        fields.find("message_timeout_ms").ifPresent(value -> messageTimeout(migrated, fields, value));
        fields.find("cleanup_timeout_secs")
                .ifPresent(value -> migrated.note("cleanup_timeout_secs is the worker's to decide, with"
                        + " offset.flush.timeout.ms and task.shutdown.graceful.timeout.ms."));
        JsonNode strategy = fields.structure("failure_strategy");
        fields.end();
        if (!strategy.isMissingNode() && !strategy.isNull()) {
            failureStrategy(migrated, new Fields("failure_strategy", strategy));
        }
        return migrated;
    }

    /** Kafka's producer wants a message to have time for lingering and one request at least. */
    private static void messageTimeout(Migrated migrated, Fields fields, String value) {
        migrated.producer("delivery.timeout.ms", value);
        long timeout = number(fields, "message_timeout_ms", value);
        long linger = fields.find("linger_ms")
                .map(text -> number(fields, "linger_ms", text))
                .orElse((long) DEFAULT_LINGER_MS);
        if (timeout < linger + DEFAULT_REQUEST_TIMEOUT_MS) {
            long request = Math.min(timeout * 2 / 3, timeout - linger);
            if (request <= 0) {
                throw fields.mistake(
                        "has " + timeout + " for message_timeout_ms, which is to be more than linger_ms, " + linger);
            }
            migrated.producer("request.timeout.ms", Long.toString(request));
        }
    }

    private static long number(Fields fields, String field, String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw fields.mistake("has " + value + " for " + field + ", which is a number of milliseconds");
        }
    }

    private static void failureStrategy(Migrated migrated, Fields fields) {
        String strategy = fields.get("strategy");
        boolean keeps = strategy.equals("dead_message_queue");
        migrated.set("errors.tolerance", "all");
        migrated.set("dead.letter.topic", keeps ? fields.find("topic_name").orElse("dead_letter_queue") : "");
        switch (strategy) {
            case "discard" -> {
                // Without a time after which it gives up, nothing is ever discarded.
                if (!migrated.has("producer.override.delivery.timeout.ms")) {
                    migrated.producer("delivery.timeout.ms", "30000");
                    migrated.producer("request.timeout.ms", "20000");
                }
            }
            case "discard_after_retry", "dead_message_queue" -> retries(migrated, fields);
            default ->
                throw fields.mistake("has " + strategy
                        + " for strategy, which is discard, discard_after_retry or dead_message_queue");
        }
        fields.end();
    }

    private static void retries(Migrated migrated, Fields fields) {
        migrated.producer("retries", fields.find("retry_total_times").orElse("3"));
        migrated.producer("retry.backoff.ms", fields.find("wait_time_ms").orElse("1000"));
    }
}
