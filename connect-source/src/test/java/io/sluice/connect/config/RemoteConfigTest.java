package io.sluice.connect.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.sluice.buffer.record.Lanes;
import io.sluice.remote.BufferCredentials;
import io.sluice.remote.BufferEndpoint;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import io.sluice.tls.TlsTerms;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations whose brokers run elsewhere. */
class RemoteConfigTest {

    static final Set<String> KEYS = Set.of(
            "buffer.endpoints",
            "buffer.auth.token",
            "buffer.ssl.truststore.location",
            "buffer.ssl.truststore.password",
            "buffer.ssl.truststore.type",
            "buffer.ssl.keystore.location",
            "buffer.ssl.keystore.password",
            "buffer.ssl.keystore.type",
            "buffer.ssl.key.password",
            "buffer.ssl.enabled.protocols",
            "buffer.ssl.cipher.suites");

    @Test
    void the_least_configuration_names_an_endpoint_and_needs_no_folder() {
        SourceConfig config = config();

        assertThat(config.isRemote()).isTrue();
        assertThat(config.bufferCredentials()).isEqualTo(BufferCredentials.NONE);
        assertThat(SourceConfig.of(config.taskConfigs(1).get(0)).shares())
                .containsExactly(new TaskShare(new BufferEndpoint(false, "127.0.0.1", 1884), Lanes.ALL));
    }

    @Test
    void tasks_say_what_of_which_broker_is_theirs() {
        SourceConfig config = config("buffer.endpoints", "ssl://a:1, ssl://b:2");

        assertThat(config.taskConfigs(4)).hasSize(4).allSatisfy(task -> {
            assertThat(task).containsEntry("name", "mqtt");
            assertThat(SourceConfig.of(task).shares()).hasSize(1);
        });
        assertThat(SourceConfig.of(config.taskConfigs(1).get(0)).shares())
                .extracting(share -> share.endpoint().toString())
                .containsExactly("ssl://a:1", "ssl://b:2");
    }

    @Test
    void only_one_task_learns_a_schema() {
        Map<String, String> properties = properties("value.format", "json", "value.schema", "infer");
        properties.put("value.schema.infer.dir", "/var/lib/sluice-schemas");
        assertThat(mistakes(properties)).isEmpty();
        properties.put("tasks.max", "2");
        assertThat(mistakes(properties))
                .containsExactly(
                        entry(
                                "value.schema",
                                "value.schema is infer, and tasks.max is 2: two tasks would learn two schemas, set tasks.max=1."));
    }

    @Test
    void what_a_user_writes_where_the_connector_says_what_is_whose_is_written_over() {
        SourceConfig config = config("sluice.task.shares", "nonsense");

        assertThat(SourceConfig.of(config.taskConfigs(1).get(0)).shares()).hasSize(1);
    }

    @Test
    void credentials_are_a_token_and_stores() {
        SourceConfig config = config(
                "buffer.endpoints", "ssl://a:1",
                "buffer.auth.token", "s3cret",
                "buffer.ssl.truststore.location", "/t.p12",
                "buffer.ssl.truststore.password", "tt",
                "buffer.ssl.keystore.location", "/k.jks",
                "buffer.ssl.keystore.type", "jks",
                "buffer.ssl.keystore.password", "kk",
                "buffer.ssl.key.password", "pp");

        assertThat(config.bufferCredentials())
                .isEqualTo(new BufferCredentials(
                        Optional.of(new Store(Path.of("/k.jks"), "JKS", new Secret("kk"))),
                        Optional.of(new Secret("pp")),
                        Optional.of(new Store(Path.of("/t.p12"), "PKCS12", new Secret("tt"))),
                        TlsTerms.SAFE,
                        Optional.of(new Secret("s3cret"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "buffer.ssl.enabled.protocols; TLS1.3; is no protocol that this JVM knows; it knows TLSv1.3, TLSv1.2",
                "buffer.ssl.cipher.suites; TLS_AES_128_GCM_SHA256; each cipher suite is one of TLSv1.3: add one",
                "buffer.endpoints; ``; name at least one",
                "buffer.endpoints; broker-1:1884; write tcp://host:port for plain text or ssl://host:port",
                "buffer.endpoints; tcp://a:0; has port 0: name the port on which the broker serves",
                "buffer.endpoints; ssl://sluice_broker_1:8884; a name without one, as in ssl://sluice-broker-1:8884",
                "buffer.endpoints; tcp://a:1,tcp://a:1; more than once: name each endpoint once",
                "broker.listeners; tcp://127.0.0.1:1885; leave it out",
                "broker.fanout; false; leave it out",
                "broker.ssl.client.auth; required; leave it out",
                "buffer.dir; /data; the brokers are configured where they run",
                "buffer.retention.ms; 1000; leave it out"
            })
    void a_wrong_value_is_refused_in_a_sentence_on_its_own_key(String key, String value, String sentence) {
        Map<String, String> mistakes = mistakes(properties(key, value.replace("``", "")));

        assertThat(mistakes).containsOnlyKeys(key);
        assertThat(mistakes.get(key)).contains(key).contains(sentence);
    }

    @Test
    void keys_of_the_broker_in_the_worker_may_say_what_they_say_by_default() {
        assertThat(mistakes(properties("broker.listeners", "tcp://127.0.0.1:1883", "buffer.overflow", "block")))
                .isEmpty();
    }

    @Test
    void the_name_of_the_broker_is_what_envelopes_call_it() {
        assertThat(mistakes(properties("broker.name", "plant-7"))).isEmpty();
    }

    @Test
    void without_endpoints_there_is_nothing_to_drain() {
        assertThat(mistakes(properties("buffer.endpoints", null)))
                .containsOnlyKeys("buffer.endpoints")
                .containsValue("buffer.endpoints is not set: with broker.mode=remote name where the brokers serve their"
                        + " buffers, such as ssl://broker-1.example.com:8884.");
    }

    @Test
    void a_store_needs_its_password() {
        assertThat(mistakes(properties("buffer.ssl.truststore.location", "/t.p12")))
                .containsExactly(entry(
                        "buffer.ssl.truststore.password",
                        "buffer.ssl.truststore.password is not set: the file /t.p12 of buffer.ssl.truststore.location"
                                + " needs its password."));
    }

    @Test
    void a_broker_in_the_worker_has_no_endpoints() {
        assertThat(mistakes(Map.of("name", "mqtt", "buffer.dir", "/data", "buffer.endpoints", "tcp://127.0.0.1:1884")))
                .containsExactly(entry(
                        "buffer.endpoints",
                        "buffer.endpoints has no effect with broker.mode=embedded: set broker.mode=remote to drain"
                                + " standalone brokers, or leave it out."));
    }

    @Test
    void keys_are_shown_where_they_mean_something() {
        Set<String> plain = shown(properties());
        assertThat(plain)
                .contains("broker.mode", "broker.name", "buffer.endpoints", "buffer.auth.token", "kafka.topic")
                .doesNotContain("broker.listeners", "buffer.dir", "buffer.storage", "broker.ssl.keystore.location")
                .doesNotContain("buffer.ssl.truststore.location");
        assertThat(shown(properties("buffer.endpoints", "ssl://a:1"))).containsAll(KEYS);
        assertThat(shown(Map.of("name", "mqtt", "buffer.dir", "/data"))).doesNotContainAnyElementsOf(KEYS);
    }

    private static SourceConfig config(String... keysAndValues) {
        return SourceConfig.of(properties(keysAndValues));
    }

    private static Map<String, String> mistakes(Map<String, String> properties) {
        return SourceConfig.check(properties).stream()
                .filter(value -> !value.errorMessages().isEmpty())
                .collect(Collectors.toMap(ConfigValue::name, value -> String.join(" ", value.errorMessages())));
    }

    private static Set<String> shown(Map<String, String> properties) {
        return SourceConfig.check(properties).stream()
                .filter(ConfigValue::visible)
                .map(ConfigValue::name)
                .collect(Collectors.toSet());
    }

    private static Map<String, String> properties(String... keysAndValues) {
        Map<String, String> properties = new HashMap<>(
                Map.of("name", "mqtt", "broker.mode", "remote", "buffer.endpoints", "tcp://127.0.0.1:1884"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            if (keysAndValues[i + 1] == null) {
                properties.remove(keysAndValues[i]);
            } else {
                properties.put(keysAndValues[i], keysAndValues[i + 1]);
            }
        }
        return properties;
    }

    @Test
    void the_lists_of_this_test_are_complete() {
        assertThat(SourceConfig.definition().configKeys().values())
                .filteredOn(key -> key.group.equals(RemoteGroup.NAME))
                .extracting(key -> key.name)
                .containsExactlyInAnyOrderElementsOf(List.copyOf(KEYS));
    }
}
