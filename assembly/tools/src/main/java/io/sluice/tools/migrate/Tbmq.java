package io.sluice.tools.migrate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** TBMQ's Kafka integration: the JSON that its REST interface takes and gives. */
public final class Tbmq {

    private static final String TITLE = "--config";
    private static final Pattern SECURITY = Pattern.compile("(security|ssl|sasl)\\..*");
    private static final Map<String, String> PRODUCER = Map.of(
            "batchSize", "batch.size",
            "linger", "linger.ms",
            "bufferMemory", "buffer.memory",
            "acks", "acks",
            "compression", "compression.type");
    private static final Map<String, String> KEY_CONVERTERS = Map.of(
            "org.apache.kafka.common.serialization.StringSerializer",
            "org.apache.kafka.connect.storage.StringConverter",
            "org.apache.kafka.common.serialization.ByteArraySerializer",
            "org.apache.kafka.connect.converters.ByteArrayConverter");

    private Tbmq() {}

    /**
     * The name that an integration has, if it has one.
     *
     * @param json the integration
     */
    public static Optional<String> name(String json) {
        return Fields.parse(TITLE, json).find("name");
    }

    /**
     * Whether it is switched on.
     *
     * @param json the integration
     */
    public static boolean isEnabled(String json) {
        return Fields.parse(TITLE, json)
                .find("enabled")
                .map(Boolean::parseBoolean)
                .orElse(true);
    }

    /**
     * A connector that does the same, without losing what Kafka does not take at once.
     *
     * @param json the integration
     * @param topic a filter in place of those that the integration names
     * @param anotherKafka whether its servers are not those of the worker
     * @param own settings in place of the usual ones
     * @throws io.sluice.tools.ToolException if the JSON is not understood
     */
    public static Migrated migrate(String json, @Nullable String topic, boolean anotherKafka, Map<String, String> own) {
        Migrated migrated = new Migrated(own);
        Fields integration = Fields.parse(TITLE, json);
        integration.find("type").filter(type -> !type.equalsIgnoreCase("kafka")).ifPresent(type -> {
            throw integration.mistake("has " + type + " for type, and only KAFKA has a counterpart");
        });
        Fields configuration = new Fields(TITLE + ", configuration,", integration.structure("configuration"));
        Fields client = new Fields(TITLE + ", clientConfiguration,", configuration.structure("clientConfiguration"));
        migrated.set(
                "topic.filters",
                topic == null ? filters(configuration, configuration.structure("topicFilters")) : topic);
        JsonNode metadata = configuration.structure("metadata");
        literals(migrated, "metadata.", metadata);
        integration
                .find("name")
                .filter(name -> !metadata.has("integrationName"))
                .ifPresent(name -> migrated.literal("metadata.integrationName", name));
        client(migrated, client, anotherKafka);
        return migrated;
    }

    private static String filters(Fields configuration, JsonNode filters) {
        if (!filters.isArray() || filters.isEmpty()) {
            throw configuration.mistake("lacks topicFilters, a list of MQTT filters");
        }
        return filters.valueStream().map(JsonNode::asText).collect(Collectors.joining(","));
    }

    private static void client(Migrated migrated, Fields client, boolean anotherKafka) {
        migrated.set("kafka.topic", client.get("topic"));
        migrated.literal("kafka.key", client.find("key").orElse(""));
        migrated.bootstrapServers(client.get("bootstrapServers"), anotherKafka);
        boolean onlyPayload =
                client.find("sendOnlyMsgPayload").map(Boolean::parseBoolean).orElse(false);
        migrated.set("value.format", onlyPayload ? "tbmq-payload" : "tbmq");
        PRODUCER.forEach((field, setting) -> client.find(field).ifPresent(value -> migrated.producer(setting, value)));
        client.find("clientIdPrefix")
                .filter(prefix -> !prefix.isBlank())
                .ifPresent(prefix -> migrated.producer("client.id", prefix));
        String retries = client.find("retries").orElse("0");
        if (retries.equals("0")) {
            migrated.note(
                    "retries is 0, with which TBMQ gives up what Kafka does not take at once; this connector tries"
                            + " without end.");
        } else {
            migrated.producer("retries", retries);
        }
        client.find("keySerializer")
                .ifPresent(serializer -> Optional.ofNullable(KEY_CONVERTERS.get(serializer))
                        .ifPresentOrElse(
                                converter -> migrated.set("key.converter", converter),
                                () -> migrated.note("keySerializer " + serializer
                                        + " has no counterpart that is known; keys are texts.")));
        headers(migrated, client);
        client.structure("otherProperties").properties().forEach(each -> {
            String value = each.getValue().asText();
            if (SECURITY.matcher(each.getKey()).matches()) {
                migrated.everyClient(each.getKey(), value);
            } else {
                migrated.producer(each.getKey(), value);
            }
        });
    }

    private static void headers(Migrated migrated, Fields client) {
        JsonNode headers = client.structure("kafkaHeaders");
        literals(migrated, "kafka.header.", headers);
        client.find("kafkaHeadersCharset")
                .filter(charset -> !charset.equals("UTF-8") && !headers.isEmpty())
                .ifPresent(charset -> {
                    migrated.set("kafka.headers.charset", charset);
                    migrated.set("header.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
                });
    }

    private static void literals(Migrated migrated, String prefix, JsonNode texts) {
        texts.properties()
                .forEach(each ->
                        migrated.literal(prefix + each.getKey(), each.getValue().asText()));
    }
}
