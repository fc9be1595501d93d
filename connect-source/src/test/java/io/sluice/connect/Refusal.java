package io.sluice.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.acl.AclOperation;

/** Why Kafka, a converter or a transformation refuses the record of one message, and takes those of all others. */
enum Refusal {
    /** By the topic's own limit, which nobody but Kafka knows. */
    TOO_LARGE {
        @Override
        void arrange(ConnectCluster connect, Map<String, String> properties) {
            connect.createTopic(properties.get("name"), Map.of("max.message.bytes", "2000"));
        }

        @Override
        byte[] payload() {
            byte[] random = new byte[5_000];
            new Random(7).nextBytes(random);
            return random;
        }
    },
    /** By the producer's limit, at once. */
    LARGER_THAN_A_REQUEST {
        @Override
        void arrange(ConnectCluster connect, Map<String, String> properties) {
            connect.createTopic(properties.get("name"), Map.of());
            properties.put("producer.override.max.request.size", "20000");
            properties.put("kafka.header.copy", "{json:/copied|}");
        }

        @Override
        byte[] payload() {
            return ("{\"copied\":\"" + "x".repeat(12_000) + "\"}").getBytes(UTF_8);
        }
    },
    /** The topic takes no time that is far from Kafka's. */
    TIME_TOO_OLD {
        @Override
        void arrange(ConnectCluster connect, Map<String, String> properties) {
            connect.createTopic(properties.get("name"), Map.of("message.timestamp.before.max.ms", "3600000"));
            properties.put("record.timestamp", "{json:/time}");
        }

        @Override
        byte[] payload() {
            return "{\"time\":\"2001-01-01T00:00:00Z\"}".getBytes(UTF_8);
        }
    },
    /** A compacted topic takes no record without a key. */
    NO_KEY {
        @Override
        void arrange(ConnectCluster connect, Map<String, String> properties) {
            connect.createTopic(properties.get("name"), Map.of("cleanup.policy", "compact"));
            properties.put("kafka.key", "{json:}");
        }

        @Override
        byte[] payload() {
            return "no JSON".getBytes(UTF_8);
        }
    },
    /** One of the topics may not be written to. */
    NOT_AUTHORIZED {
        @Override
        void arrange(ConnectCluster connect, Map<String, String> properties) throws Exception {
            connect.createTopic(properties.get("name"), Map.of());
            connect.createTopic(properties.get("name") + "-forbidden", Map.of());
            connect.kafka().forbid(properties.get("name") + "-forbidden", AclOperation.WRITE, true);
            properties.put("kafka.topic", properties.get("name") + "{json:/suffix|}");
        }

        @Override
        byte[] payload() {
            return "{\"suffix\":\"-forbidden\"}".getBytes(UTF_8);
        }
    },
    /** Kafka takes a dot and an underscore for the same. */
    TOPIC_COLLIDES {
        @Override
        void arrange(ConnectCluster connect, Map<String, String> properties) {
            connect.createTopic(properties.get("name"), Map.of());
            connect.createTopic(properties.get("name") + ".a.b", Map.of());
            properties.put("kafka.topic", properties.get("name") + "{json:/suffix|}");
            properties.put("topic.creation.default.partitions", "1");
            properties.put("topic.creation.default.replication.factor", "1");
        }

        @Override
        byte[] payload() {
            return "{\"suffix\":\".a_b\"}".getBytes(UTF_8);
        }
    },
    /** Kafka's own rule for the names of topics. */
    TOPIC_AGAINST_POLICY {
        @Override
        void arrange(ConnectCluster connect, Map<String, String> properties) {
            connect.createTopic(properties.get("name"), Map.of());
            properties.put("kafka.topic", properties.get("name") + "{json:/suffix|}");
            properties.put("topic.creation.default.partitions", "1");
            properties.put("topic.creation.default.replication.factor", "1");
        }

        @Override
        byte[] payload() {
            return ("{\"suffix\":\"" + KafkaUnderTest.FORBIDDEN_SUFFIX + "\"}").getBytes(UTF_8);
        }
    },
    /** A transformation fails. */
    TRANSFORMATION {
        @Override
        void arrange(ConnectCluster connect, Map<String, String> properties) {
            connect.createTopic(properties.get("name"), Map.of());
            properties.put("transforms", "cast");
            properties.put("transforms.cast.type", "org.apache.kafka.connect.transforms.HeaderFrom$Value");
            properties.put("transforms.cast.fields", "none");
            properties.put("transforms.cast.headers", "none");
            properties.put("transforms.cast.operation", "copy");
            properties.put("transforms.cast.predicate", "bad");
            properties.put("predicates", "bad");
            properties.put("predicates.bad.type", "org.apache.kafka.connect.transforms.predicates.HasHeaderKey");
            properties.put("predicates.bad.name", "bad");
            properties.put("kafka.header.bad", "{json:/bad|}");
        }

        @Override
        byte[] payload() {
            return "{\"bad\":1}".getBytes(UTF_8);
        }
    };

    /** Makes Kafka and the connector such that the record of {@link #payload} is refused. */
    abstract void arrange(ConnectCluster connect, Map<String, String> properties) throws Exception;

    /** The message whose record is refused. */
    abstract byte[] payload();
}
