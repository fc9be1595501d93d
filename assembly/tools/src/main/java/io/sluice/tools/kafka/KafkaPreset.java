package io.sluice.tools.kafka;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The settings with which a connector logs in to a Kafka other than the worker's. Secrets stay in a file on the worker,
 * which Kafka Connect's config provider {@code file} reads.
 */
public enum KafkaPreset {
    /** Confluent Cloud: an API key. */
    CONFLUENT_CLOUD,
    /** Amazon MSK with IAM, by the library aws-msk-iam-auth. */
    MSK_IAM,
    /** A token of an identity provider, for the client's own credentials. */
    OAUTH,
    /** A name and a password that Kafka has as SCRAM-SHA-512. */
    SCRAM,
    /** A certificate. */
    MTLS;

    private static final String MODULES = "org.apache.kafka.common.security.";

    /** Producers deliver, admin clients create topics, and with exactly-once consumers read offsets. */
    private static final List<String> CLIENTS = List.of("producer", "admin", "consumer");

    /**
     * Where on the worker the files for a login are.
     *
     * @param secrets the file of properties with the secrets
     * @param authority the certificate that Kafka's is signed with, as PEM; absent: Java's own list has it
     * @param keyStore with the certificate of the connector
     */
    public record Places(Path secrets, Optional<Path> authority, Path keyStore) {

        private String secret(String name) {
            return "${file:" + secrets + ":" + name + "}";
        }
    }

    /**
     * The settings of a connector that sends its records to a Kafka.
     *
     * @param servers host and port of some of its brokers
     */
    public Map<String, String> settings(String servers, Places places) {
        Map<String, String> client = new TreeMap<>();
        client.put("bootstrap.servers", servers);
        put(client, places);
        places.authority().ifPresent(authority -> {
            client.put("ssl.truststore.type", "PEM");
            client.put("ssl.truststore.location", authority.toString());
        });
        Map<String, String> settings = new TreeMap<>();
        CLIENTS.forEach(name -> client.forEach((key, value) -> settings.put(name + ".override." + key, value)));
        return settings;
    }

    private void put(Map<String, String> settings, Places places) {
        switch (this) {
            case CONFLUENT_CLOUD -> sasl(settings, "PLAIN", login("plain.PlainLoginModule", places));
            case MSK_IAM -> {
                sasl(settings, "AWS_MSK_IAM", "software.amazon.msk.auth.iam.IAMLoginModule required;");
                settings.put(
                        "sasl.client.callback.handler.class", "software.amazon.msk.auth.iam.IAMClientCallbackHandler");
            }
            case OAUTH -> {
                sasl(
                        settings,
                        "OAUTHBEARER",
                        MODULES + "oauthbearer.OAuthBearerLoginModule required clientId=\""
                                + places.secret("client.id") + "\" clientSecret=\"" + places.secret("client.secret")
                                + "\" scope=\"" + places.secret("scope") + "\";");
                settings.put(
                        "sasl.login.callback.handler.class", MODULES + "oauthbearer.OAuthBearerLoginCallbackHandler");
                settings.put("sasl.oauthbearer.token.endpoint.url", places.secret("token.url"));
            }
            case SCRAM -> sasl(settings, "SCRAM-SHA-512", login("scram.ScramLoginModule", places));
            case MTLS -> {
                settings.put("security.protocol", "SSL");
                settings.put("ssl.keystore.type", "PKCS12");
                settings.put("ssl.keystore.location", places.keyStore().toString());
                settings.put("ssl.keystore.password", places.secret("keystore.password"));
                settings.put("ssl.key.password", places.secret("keystore.password"));
            }
        }
    }

    private static void sasl(Map<String, String> settings, String mechanism, String jaas) {
        settings.put("security.protocol", "SASL_SSL");
        settings.put("sasl.mechanism", mechanism);
        settings.put("sasl.jaas.config", jaas);
    }

    private static String login(String module, Places places) {
        return MODULES + module + " required username=\"" + places.secret("username") + "\" password=\""
                + places.secret("password") + "\";";
    }

    /** As commands take it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
