package io.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tools.kafka.KafkaPreset;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {

    @ParameterizedTest
    @ValueSource(strings = {"broker.tls.key.passphrase", "value.converter.basic.auth.user.info", "a.password"})
    void a_secret_setting_is_masked(String key) {
        assertThat(Secrets.shown(key, "hunter2")).isEqualTo(Secrets.MASK);
        assertThat(Secrets.shown(key, "${file:/etc/secrets:a}")).isEqualTo("${file:/etc/secrets:a}");
    }

    @ParameterizedTest
    @EnumSource
    void the_login_of_a_preset_is_shown_as_all_of_its_secrets_are_elsewhere(KafkaPreset preset) {
        preset.settings("k:9092", new KafkaPreset.Places(Path.of("/s"), Optional.empty(), Path.of("/k")))
                .forEach((key, value) -> assertThat(Secrets.shown(key, value)).isEqualTo(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.PlainLoginModule required username=\"u\" password=\"${file:/s:p}\";",
                "a.PlainLoginModule required username=\"${file:/s:u}\" password=\"hunter2\";",
                "a.PlainLoginModule required password=\"x${file:/s:p}\";",
                "hunter2 required;"
            })
    void a_login_that_says_more_than_where_its_secrets_are_is_masked(String jaas) {
        assertThat(Secrets.shown("producer.override.sasl.jaas.config", jaas)).isEqualTo(Secrets.MASK);
    }

    @Test
    void a_login_in_an_address_is_masked_in_any_setting() {
        assertThat(Secrets.shown("schema.registry.url", "http://a:b@one:80,https://c:d@e@two/x@y,http://three"))
                .isEqualTo("http://********@one:80,https://********@two/x@y,http://three");
    }

    @ParameterizedTest
    @CsvSource({
        "http://a:b@h:1, http://********@h:1",
        "http://a:b/c@h, http://********@h",
        "a:b@h, ********@h",
        "http://h:1, http://h:1"
    })
    void an_address_is_shown_without_its_login(String address, String shown) {
        assertThat(Secrets.addressShown(address)).isEqualTo(shown);
    }
}
