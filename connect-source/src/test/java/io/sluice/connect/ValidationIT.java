package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.connect.runtime.rest.entities.ConfigValueInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real worker answers to {@code PUT /connector-plugins/.../config/validate}. */
class ValidationIT {

    @TempDir
    private static Path folders;

    @RegisterExtension
    static final SharedCluster SHARED = new SharedCluster();

    private final ConnectCluster connect = SHARED.cluster();

    @Test
    void a_wrong_configuration_is_refused_with_a_sentence_that_names_key_and_value() {
        Map<String, String> filter = connector("wrong");
        filter.put("topic.filters", "sensors/#/temp");
        assertThatThrownBy(() -> connect.configure("wrong", filter))
                .hasMessageContaining(
                        "Invalid value sensors/#/temp for configuration topic.filters: 'sensors/#/temp' is"
                                + " not a topic filter: '#' must be its whole last level, as in 'a/#'");

        Map<String, String> open = connector("wrong");
        open.put("broker.listeners", "tcp://0.0.0.0:1883");
        assertThatThrownBy(() -> connect.configure("wrong", open))
                .hasMessageContaining("broker.listeners has tcp://0.0.0.0:1883, which other machines can reach, and"
                        + " nothing says who may connect");

        Map<String, String> several = connector("wrong");
        several.remove("buffer.dir");
        several.put("kafka.topic", "{topics}");
        several.put("transaction.boundary", "interval");
        assertThat(connect.mistakes(several)).containsOnlyKeys("buffer.dir", "kafka.topic", "transaction.boundary");
        assertThat(connect.mistakes(connector("right"))).isEmpty();

        Map<String, String> routes = connector("wrong");
        routes.put("routes", "one,two");
        routes.put("route.one.topic.filters", "a/#");
        routes.put("route.two.kafka.key", "{topics}");
        assertThat(connect.mistakes(routes)).containsOnlyKeys("route.two.topic.filters", "route.two.kafka.key");
    }

    @Test
    void words_are_proposed_and_keys_shown_where_they_mean_something() {
        Map<String, ConfigValueInfo> plain = connect.validated(connector("plain"));
        assertThat(plain.get("buffer.overflow").recommendedValues())
                .containsExactly("block", "reject", "drop.newest", "drop.oldest");
        assertThat(plain.get("ack.mode").recommendedValues()).containsExactly("received", "buffered", "delivered");
        assertThat(plain.get("value.format").recommendedValues()).contains("bytes", "struct", "tbmq", "cloudevents");
        assertThat(List.of("broker.ssl.keystore.location", "broker.websocket.origins", "connections.topic"))
                .noneMatch(key -> plain.get(key).visible());
        assertThat(List.of("dead.letter.max.bytes", "kafka.topic.allow", "kafka.topic.max.distinct"))
                .noneMatch(key -> plain.get(key).visible());

        Map<String, String> properties = connector("rich");
        properties.put("broker.listeners", "ssl://127.0.0.1:0,ws://127.0.0.1:0");
        properties.put("capture.connections", "true");
        properties.put("dead.letter.topic", "dead");
        properties.put("kafka.topic", "iot.{topic[1]}");
        properties.put("buffer.storage", "memory");
        Map<String, ConfigValueInfo> rich = connect.validated(properties);
        assertThat(List.of("broker.ssl.keystore.location", "broker.websocket.origins", "connections.topic"))
                .allMatch(key -> rich.get(key).visible());
        assertThat(List.of("dead.letter.max.bytes", "kafka.topic.allow", "kafka.topic.max.distinct"))
                .allMatch(key -> rich.get(key).visible());
        assertThat(rich.get("buffer.dir").visible()).isFalse();
    }

    @Test
    void a_session_that_moquette_cannot_count_is_refused() {
        Map<String, String> properties = connector("sessions");
        properties.put(
                "broker.session.expiry.ms", Long.toString(Duration.ofDays(25).toMillis()));

        assertThat(connect.mistakes(properties))
                .containsOnlyKeys("broker.session.expiry.ms")
                .hasEntrySatisfying(
                        "broker.session.expiry.ms",
                        errors -> assertThat(errors)
                                .singleElement()
                                .asString()
                                .contains("2160000000", "no more than 2073600000"));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:1, takes no connection",
        "no-such-host.invalid:9092, is not known",
        "kafka, is not a host and a port"
    })
    void a_kafka_that_nobody_can_reach_is_named(String servers, String said) {
        Map<String, String> properties = elsewhere("unreachable");
        properties.put("producer.override.bootstrap.servers", servers);

        assertThat(connect.mistakes(properties))
                .containsOnlyKeys("producer.override.bootstrap.servers")
                .hasEntrySatisfying(
                        "producer.override.bootstrap.servers",
                        errors -> assertThat(errors).singleElement().asString().contains(servers, said));
    }

    @Test
    void topics_that_kafka_lacks_and_that_nothing_creates_are_named() {
        Map<String, String> properties = elsewhere("topics");
        properties.put("routes", "there,missing,template");
        properties.put("route.there.topic.filters", "a/#");
        properties.put("route.there.kafka.topic", "validated");
        properties.put("route.missing.topic.filters", "b/#");
        properties.put("route.missing.kafka.topic", "nowhere");
        properties.put("route.template.topic.filters", "c/#");
        properties.put("route.template.kafka.topic", "c.{topic[1]}");
        properties.put("dead.letter.topic", "no-letters");
        properties.put("capture.connections", "true");
        connect.elsewhere().createTopic("validated", 1, Map.of());

        assertThat(connect.mistakes(properties))
                .containsOnlyKeys("route.missing.kafka.topic", "dead.letter.topic", "connections.topic")
                .hasEntrySatisfying(
                        "route.missing.kafka.topic",
                        errors -> assertThat(errors)
                                .singleElement()
                                .asString()
                                .contains("nowhere", "topic.creation.default.partitions"));

        properties.put("transforms", "route");
        properties.put("transforms.route.type", "org.apache.kafka.connect.transforms.RegexRouter");
        properties.put("transforms.route.regex", ".*");
        properties.put("transforms.route.replacement", "validated");
        assertThat(connect.mistakes(properties))
                .as("topics that are made later")
                .isEmpty();
    }

    @Test
    void topics_that_kafka_connect_will_create_are_rehearsed() {
        Map<String, String> properties = elsewhere("rehearsed");
        properties.put("admin.override.bootstrap.servers", connect.elsewhere().bootstrapServers());
        properties.put("topic.creation.default.partitions", "3");
        properties.put("topic.creation.default.replication.factor", "3");

        assertThat(connect.mistakes(properties))
                .containsOnlyKeys("topic.creation.default.replication.factor")
                .hasEntrySatisfying(
                        "topic.creation.default.replication.factor",
                        errors -> assertThat(errors)
                                .singleElement()
                                .asString()
                                .contains("rehearsed", "replication factor"));
        properties.put("topic.creation.default.replication.factor", "1");
        properties.put("topic.creation.default.cleanup.policy", "nonsense");
        assertThat(connect.mistakes(properties)).containsOnlyKeys("kafka.topic");
        properties.put("topic.creation.default.cleanup.policy", "compact");
        assertThat(connect.mistakes(properties)).isEmpty();
        assertThat(connect.elsewhere().hasTopic("rehearsed")).isFalse();
    }

    @Test
    void a_login_that_kafka_refuses_is_named_and_its_password_is_not() {
        connect.elsewhere().createTopic("login", 1, Map.of());
        Map<String, String> properties = elsewhere("login");
        properties.put(
                "producer.override.bootstrap.servers", connect.elsewhere().saslServers());
        properties.put("producer.override.security.protocol", "SASL_PLAINTEXT");
        properties.put("producer.override.sasl.mechanism", "PLAIN");
        properties.put("producer.override.sasl.jaas.config", login("a-wrong-password"));

        assertThat(connect.mistakes(properties))
                .containsOnlyKeys("producer.override.sasl.jaas.config")
                .hasEntrySatisfying(
                        "producer.override.sasl.jaas.config",
                        errors -> assertThat(errors)
                                .singleElement()
                                .asString()
                                .contains("refuses the login")
                                .doesNotContain("a-wrong-password"));
        properties.put("producer.override.sasl.jaas.config", login(KafkaUnderTest.PASSWORD));
        assertThat(connect.mistakes(properties)).isEmpty();
        properties.put("admin.override.sasl.jaas.config", login("a-wrong-password"));
        assertThat(connect.mistakes(properties)).containsOnlyKeys("admin.override.sasl.jaas.config");
    }

    private static String login(String password) {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + KafkaUnderTest.USER
                + "\" password=\"" + password + "\";";
    }

    @Test
    void a_configuration_that_cannot_be_checked_is_not_refused() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Map<String, String> slow = elsewhere("silent");
            slow.put("producer.override.bootstrap.servers", "127.0.0.1:" + silent.getLocalPort());
            long before = System.nanoTime();
            assertThat(connect.mistakes(slow)).as("a Kafka that says nothing").isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
        }

        Map<String, String> unresolved = elsewhere("unresolved");
        unresolved.put("producer.override.bootstrap.servers", "${nobody:path:key}");
        assertThat(connect.mistakes(unresolved))
                .as("a provider that the worker lacks")
                .isEmpty();

        Map<String, String> module = elsewhere("module");
        module.put("producer.override.bootstrap.servers", connect.elsewhere().saslServers());
        module.put("producer.override.security.protocol", "SASL_PLAINTEXT");
        module.put("producer.override.sasl.mechanism", "PLAIN");
        module.put("producer.override.sasl.jaas.config", "io.example.NoSuchModule required;");
        assertThat(connect.mistakes(module))
                .as("a login module of other workers")
                .isEmpty();

        connect.elsewhere().createTopic("hidden", 1, Map.of());
        connect.elsewhere().forbid("hidden", AclOperation.DESCRIBE, true);
        assertThat(connect.mistakes(elsewhere("hidden")))
                .as("a topic that may not be looked at")
                .isEmpty();

        Map<String, String> workers = elsewhere("workers-kafka-unknown");
        workers.put("topic.creation.default.partitions", "1");
        workers.put("topic.creation.default.replication.factor", "3");
        assertThat(connect.mistakes(workers))
                .as("a topic made by the worker's own client")
                .isEmpty();
    }

    /** A connector for the second Kafka. */
    private Map<String, String> elsewhere(String name) {
        Map<String, String> properties = connector(name);
        properties.put(
                "producer.override.bootstrap.servers", connect.elsewhere().bootstrapServers());
        return properties;
    }

    private static Map<String, String> connector(String name) {
        return ConnectCluster.connector(name, folders);
    }
}
