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
    @ValueSource(
            strings = {
                "aws.secret.access.key",
                "aws_secret_access_key",
                "snowflake.private.key",
                "azblob.account.key",
                "service.account.key",
                "gcs.credentials.json",
                "keyfile",
                "http.headers.authorization"
            })
    void a_secret_of_another_connector_is_masked(String key) {
        assertThat(Secrets.shown(key, "hunter2")).isEqualTo(Secrets.MASK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssl.keystore.location",
                "broker.ssl.keystore.type",
                "value.converter.key.subject.name.strategy",
                "gcs.credentials.path",
                "aws.access.key.id",
                "kafka.key",
                "kafka.key.required",
                "key.converter",
                "broker.jwt.jwks"
            })
    void a_setting_that_only_sounds_like_a_secret_stays_readable(String key) {
        assertThat(Secrets.shown(key, "/etc/sluice/store")).isEqualTo("/etc/sluice/store");
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db/x?user=u&password=hunter2, jdbc:postgresql://db/x?user=u&password=********",
        "jdbc:postgresql://db/x?Password=hunter2&user=u, jdbc:postgresql://db/x?Password=********&user=u",
        "jdbc:sqlserver://db;user=u;pwd=hunter2;x=y, jdbc:sqlserver://db;user=u;pwd=********;x=y",
        "https://h/?access_token=a=b&client_secret=c, https://h/?access_token=********&client_secret=********",
        "https://h/?token=${file:/s:t}&secret=x${file:/s:t}, https://h/?token=${file:/s:t}&secret=********",
        "https://h/?password=&tokens=3, https://h/?password=&tokens=3",
        "payload.a==\"b\"&&payload.token==\"c\", payload.a==\"b\"&&payload.token==\"c\""
    })
    void a_secret_among_the_parameters_of_an_address_is_masked_in_any_setting(String value, String shown) {
        assertThat(Secrets.shown("connection.url", value)).isEqualTo(shown);
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
