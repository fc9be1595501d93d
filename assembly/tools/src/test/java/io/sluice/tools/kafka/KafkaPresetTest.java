package io.sluice.tools.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.sluice.tools.kafka.KafkaPreset.Places;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KafkaPresetTest {

    private static final Places PLACES = new Places(Path.of("/secrets"), Optional.empty(), Path.of("/key.p12"));

    @ParameterizedTest
    @EnumSource
    void producer_admin_client_and_consumer_get_in_alike_and_over_tls(KafkaPreset preset) {
        Map<String, String> settings = preset.settings("k:1", PLACES);

        assertThat(settings).containsEntry("consumer.override.bootstrap.servers", "k:1");
        assertThat(settings.get("admin.override.security.protocol")).endsWith("SSL");
        settings.forEach((key, value) -> assertThat(settings)
                .contains(
                        entry(key.replaceFirst("^\\w+", "producer"), value),
                        entry(key.replaceFirst("^\\w+", "admin"), value),
                        entry(key.replaceFirst("^\\w+", "consumer"), value)));
    }

    @Test
    void secrets_are_references_to_a_file() {
        assertThat(KafkaPreset.SCRAM.settings("k:1", PLACES))
                .containsEntry(
                        "producer.override.sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required"
                                + " username=\"${file:/secrets:username}\" password=\"${file:/secrets:password}\";");
        assertThat(KafkaPreset.MTLS.settings("k:1", PLACES))
                .containsEntry("producer.override.ssl.keystore.location", "/key.p12")
                .containsEntry("producer.override.ssl.keystore.password", "${file:/secrets:keystore.password}");
    }

    @Test
    void what_only_amazon_can_answer_is_as_its_library_says() {
        assertThat(KafkaPreset.MSK_IAM.settings("k:1", PLACES))
                .containsEntry("producer.override.security.protocol", "SASL_SSL")
                .containsEntry("producer.override.sasl.mechanism", "AWS_MSK_IAM")
                .containsEntry(
                        "producer.override.sasl.jaas.config", "software.amazon.msk.auth.iam.IAMLoginModule required;")
                .containsEntry(
                        "producer.override.sasl.client.callback.handler.class",
                        "software.amazon.msk.auth.iam.IAMClientCallbackHandler");
    }
}
