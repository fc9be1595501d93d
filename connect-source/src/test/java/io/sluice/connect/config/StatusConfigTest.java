package io.sluice.connect.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.status.StatusAddress;
import io.sluice.status.StatusConfig;
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

/** Where a worker serves its status, and to whom. */
class StatusConfigTest {

    @Test
    void nothing_is_served_unless_somebody_says_where() {
        assertThat(SourceConfig.of(properties("")).status()).isEmpty();
    }

    @Test
    void on_loopback_an_address_is_enough_wherever_the_broker_runs() {
        assertThat(SourceConfig.of(properties("status.listener=http://127.0.0.1:9404"))
                        .status())
                .contains(new StatusConfig(
                        StatusAddress.of("http://127.0.0.1:9404"), Optional.empty(), Optional.empty(), false));
        assertThat(
                        mistakes(
                                "status.listener=http://localhost:9404, broker.mode=remote, buffer.endpoints=tcp://localhost:1"))
                .isEmpty();
    }

    @Test
    void elsewhere_tls_and_a_token_say_who_may_ask() {
        StatusConfig status = SourceConfig.of(
                        properties("status.listener=https://0.0.0.0:9404, status.token.file=/etc/tokens,"
                                + " status.ssl.keystore.location=/etc/keys, status.ssl.keystore.password=secret,"
                                + " status.allow.disconnect=true"))
                .status()
                .orElseThrow();

        assertThat(status.tls()).isPresent();
        assertThat(status.tokenFile()).contains(Path.of("/etc/tokens"));
        assertThat(status.allowsDisconnect()).isTrue();
        assertThat(status.toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    status.listener=tcp://127.0.0.1:1 | status.listener | is not an address for the status: write http://host:port
                    status.listener=http://0.0.0.0:1, status.token.file=/t | status.listener | status.listener is 'http://0.0.0.0:1', which other machines can reach: it must be an https:// listener, and status.token.file must say who may ask.
                    status.listener=https://0.0.0.0:1, status.ssl.keystore.location=/k, status.ssl.keystore.password=x | status.listener | which other machines can reach
                    status.listener=https://127.0.0.1:1 | status.ssl.keystore.location | status.ssl.keystore.location is not set: the listener https://127.0.0.1:1 needs a key store with its certificate and private key.
                    status.listener=https://127.0.0.1:1, status.ssl.keystore.location=/k | status.ssl.keystore.password | status.ssl.keystore.password is not set
                    status.listener=http://127.0.0.1:1, status.ssl.keystore.location=/k, status.ssl.keystore.password=x | status.ssl.keystore.location | has no effect, as the listener http://127.0.0.1:1 speaks no TLS
                    status.listener=http://127.0.0.1:1, status.allow.disconnect=true | status.token.file | status.token.file is not set: with status.allow.disconnect=true it must say who may disconnect clients.
                    status.token.file=/t | status.token.file | status.token.file is set, and has no effect as long as status.listener does not say where the status is served
                    """)
    void nothing_is_shown_to_everyone_by_mistake(String written, String key, String sentence) {
        assertThat(mistakes(written)).containsOnlyKeys(key);
        assertThat(mistakes(written).get(key)).contains(sentence);
    }

    @Test
    void keys_are_shown_where_they_mean_something() {
        assertThat(shown("")).contains("status.listener").doesNotContain("status.token.file");
        assertThat(shown("status.listener=http://127.0.0.1:1"))
                .contains("status.token.file", "status.allow.disconnect")
                .doesNotContain("status.ssl.keystore.location");
        assertThat(shown("status.listener=https://127.0.0.1:1")).contains("status.ssl.keystore.location");
    }

    private static Map<String, String> properties(String written) {
        Map<String, String> properties = new HashMap<>(Map.of("name", "mqtt"));
        for (String each : written.isEmpty() ? List.<String>of() : List.of(written.split(", *"))) {
            properties.put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
        }
        if (!properties.containsKey("broker.mode")) {
            properties.put("buffer.dir", "/data");
        }
        return properties;
    }

    private static Map<String, String> mistakes(String written) {
        return SourceConfig.check(properties(written)).stream()
                .filter(value -> !value.errorMessages().isEmpty())
                .collect(Collectors.toMap(ConfigValue::name, value -> String.join(" ", value.errorMessages())));
    }

    private static Set<String> shown(String written) {
        return SourceConfig.check(properties(written)).stream()
                .filter(ConfigValue::visible)
                .map(ConfigValue::name)
                .collect(Collectors.toSet());
    }
}
