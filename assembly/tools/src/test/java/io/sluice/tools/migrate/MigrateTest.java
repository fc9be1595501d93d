package io.sluice.tools.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sluice.tools.ToolException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MigrateTest {

    private static final Path EXAMPLES = Path.of("../../examples");

    private static final String INTEGRATION = """
            {
              "id": {"id": "1f"}, "name": "Kafka integration", "type": "KAFKA", "enabled": true,
              "configuration": {
                "topicFilters": ["tbmq/#", "extra/+"],
                "clientConfiguration": {
                  "sendOnlyMsgPayload": false, "bootstrapServers": "kafka1:9092", "topic": "tbmq.messages", "key": null,
                  "clientIdPrefix": null, "retries": 0, "batchSize": 32768, "linger": 5, "bufferMemory": 33554432,
                  "acks": "-1", "compression": "zstd",
                  "keySerializer": "org.apache.kafka.common.serialization.StringSerializer",
                  "valueSerializer": "org.apache.kafka.common.serialization.StringSerializer",
                  "otherProperties": {"security.protocol": "SSL", "max.request.size": "2000000"},
                  "kafkaHeaders": {"site": "{1}"}, "kafkaHeadersCharset": "ISO-8859-1"
                },
                "metadata": {"region": "eu"}
              }
            }
            """;

    @Test
    void the_seed_systems_example_becomes_the_example_in_the_archive() throws Exception {
        Map<String, String> config = RobustMq.migrate(
                        "Kafka",
                        "{\"bootstrap_servers\": \"kafka1:9092\", \"topic\": \"iot_sensors\", \"key\": \"sensor_key\"}",
                        "iot/sensors/+/data",
                        false,
                        Map.of())
                .connector("x")
                .config();

        Map<String, String> example = new TreeMap<>();
        JsonNode file = new JsonMapper()
                .readTree(EXAMPLES.resolve("robustmq-sensors.json").toFile());
        file.path("config")
                .properties()
                .forEach(each -> example.put(each.getKey(), each.getValue().asText()));
        example.put("topic.creation.default.partitions", "-1");
        example.put("topic.creation.default.replication.factor", "-1");
        assertThat(config).isEqualTo(example);
    }

    @Test
    void all_ten_fields_of_robustmq_are_taken_over() {
        Migrated migrated = RobustMq.migrate("kafka", """
                {"bootstrap_servers": "k:9092", "topic": "t", "key": "{x}", "compression_type": "gzip", "batch_size": 1000,
                 "linger_ms": 10, "acks": "1", "retries": 7, "message_timeout_ms": 30000, "cleanup_timeout_secs": 10}
                """, "a", true, Map.of());

        assertThat(migrated.connector("x").config())
                .containsEntry("kafka.key", "{{x}")
                .containsEntry("producer.override.compression.type", "gzip")
                .containsEntry("producer.override.batch.size", "1000")
                .containsEntry("producer.override.linger.ms", "10")
                .containsEntry("producer.override.acks", "1")
                .containsEntry("producer.override.retries", "7")
                .containsEntry("producer.override.delivery.timeout.ms", "30000")
                .containsEntry("producer.override.request.timeout.ms", "20000")
                .containsEntry("producer.override.bootstrap.servers", "k:9092")
                .containsEntry("admin.override.bootstrap.servers", "k:9092")
                .containsEntry("consumer.override.bootstrap.servers", "k:9092");
        assertThat(migrated.notes()).singleElement().asString().startsWith("cleanup_timeout_secs is the worker's");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"strategy\": \"discard\"} | all | '' | ",
                "{\"strategy\": \"discard_after_retry\", \"retry_total_times\": 5} | all | '' | 5",
                "{\"strategy\": \"dead_message_queue\"} | all | dead_letter_queue | 3",
                "{\"strategy\": \"dead_message_queue\", \"topic_name\": \"bad\"} | all | bad | 3"
            })
    void its_failure_strategies_are_taken_over(String strategy, String tolerance, String topic, String retries) {
        Map<String, String> config = RobustMq.migrate(
                        "Kafka",
                        "{\"bootstrap_servers\": \"k:9092\", \"topic\": \"t\", \"failure_strategy\": " + strategy + "}",
                        "a",
                        false,
                        Map.of())
                .connector("x")
                .config();

        assertThat(config).containsEntry("errors.tolerance", tolerance).containsEntry("dead.letter.topic", topic);
        assertThat(config.get("producer.override.retries")).isEqualTo(retries);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"topic\": \"t\"} | --config lacks bootstrap_servers.",
                "{\"bootstrap_servers\": \"k:1\", \"topic\": \"t\", \"keys\": \"k\"} | --config has keys, which do not exist; it may have",
                "{\"bootstrap_servers\": \"k:1\", \"topic\": {}} | --config has {} for topic, which is a single value.",
                "{\"bootstrap_servers\": \"k:1\", \"topic\": \"t\", \"message_timeout_ms\": \"soon\"} | --config has soon for message_timeout_ms, which is a number of milliseconds.",
                "{\"bootstrap_servers\": \"k:1\", \"topic\": \"t\", \"failure_strategy\": {\"strategy\": \"x\"}} | failure_strategy has x for strategy, which is discard,",
                "[] | --config is no JSON object.",
                "{ | --config is no JSON: line 1"
            })
    void a_mistake_is_said_in_a_sentence(String json, String sentence) {
        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> RobustMq.migrate("Kafka", json, "a", false, Map.of()))
                .withMessageStartingWith(sentence);
    }

    @Test
    void a_connector_of_another_type_has_no_counterpart() {
        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> RobustMq.migrate("File", "{}", "a", false, Map.of()))
                .withMessage("--connector-type File has no counterpart; Kafka is the one that has.");
    }

    @Test
    void an_integration_of_tbmq_is_taken_over() {
        Migrated migrated = Tbmq.migrate(INTEGRATION, null, false, Map.of("buffer.dir", "/b"));

        assertThat(Tbmq.name(INTEGRATION)).contains("Kafka integration");
        assertThat(migrated.connector("x").config())
                .containsEntry("topic.filters", "tbmq/#,extra/+")
                .containsEntry("kafka.topic", "tbmq.messages")
                .containsEntry("kafka.key", "")
                .containsEntry("value.format", "tbmq")
                .containsEntry("metadata.region", "eu")
                .containsEntry("metadata.integrationName", "Kafka integration")
                .containsEntry("kafka.header.site", "{{1}")
                .containsEntry("kafka.headers.charset", "ISO-8859-1")
                .containsEntry("header.converter", "org.apache.kafka.connect.converters.ByteArrayConverter")
                .containsEntry("producer.override.batch.size", "32768")
                .containsEntry("producer.override.linger.ms", "5")
                .containsEntry("producer.override.acks", "-1")
                .containsEntry("producer.override.compression.type", "zstd")
                .containsEntry("producer.override.max.request.size", "2000000")
                .containsEntry("producer.override.security.protocol", "SSL")
                .containsEntry("admin.override.security.protocol", "SSL")
                .containsEntry("buffer.dir", "/b")
                .doesNotContainKeys("producer.override.retries", "admin.override.max.request.size");
        assertThat(migrated.notes()).hasSize(2).anyMatch(note -> note.startsWith("retries is 0, with which TBMQ"));
    }

    @Test
    void payloads_alone_are_what_tbmq_sends() {
        assertThat(Tbmq.migrate(
                                INTEGRATION.replace("\"sendOnlyMsgPayload\": false", "\"sendOnlyMsgPayload\": true"),
                                "other/#",
                                false,
                                Map.of())
                        .connector("x")
                        .config())
                .containsEntry("value.format", "tbmq-payload")
                .containsEntry("topic.filters", "other/#");
    }
}
