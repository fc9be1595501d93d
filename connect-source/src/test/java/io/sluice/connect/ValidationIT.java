package io.sluice.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.runtime.rest.entities.ConfigValueInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertThat(List.of("kafka.topic.allow", "kafka.topic.max.distinct"))
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
    void a_session_may_last_longer_than_a_machine_but_not_less_than_no_time() {
        Map<String, String> properties = connector("sessions");
        properties.put("broker.session.expiry.ms", Long.toString(Long.MAX_VALUE));
        assertThat(connect.mistakes(properties)).isEmpty();

        properties.put("broker.session.expiry.ms", "-1");
        assertThat(connect.mistakes(properties)).containsOnlyKeys("broker.session.expiry.ms");
    }

    @Test
    void nothing_is_opened_as_the_worker_may_not_allow_what_the_configuration_says_of_its_clients() throws Exception {
        try (ServerSocket kafka = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Map<String, String> properties = connector("unopened");
            properties.put("producer.override.bootstrap.servers", "127.0.0.1:" + kafka.getLocalPort());
            properties.put("producer.override.security.protocol", "SASL_PLAINTEXT");
            properties.put("producer.override.sasl.jaas.config", "io.example.NoSuchModule required;");
            assertThat(connect.mistakes(properties)).isEmpty();
            kafka.setSoTimeout(500);
            assertThatThrownBy(kafka::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka_1:9092", "SASL_SSL://b:9093", "[::1]:9092", "nobody-there:9092,127.0.0.1:1"})
    void addresses_are_kafkas_business(String servers) {
        Map<String, String> properties = connector("addresses");
        properties.put("producer.override.bootstrap.servers", servers);

        assertThat(connect.mistakes(properties)).isEmpty();
    }

    private static Map<String, String> connector(String name) {
        return ConnectCluster.connector(name, folders);
    }
}
