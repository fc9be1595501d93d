package io.sluice.connect.config;

import static io.sluice.connect.config.Written.config;
import static io.sluice.connect.config.Written.mistakes;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.tls.Revocation;
import io.sluice.tls.TlsConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may come in, by which listeners, and over TLS. */
class ListenerConfigTest {

    @ParameterizedTest
    @ValueSource(strings = {"tcp://0.0.0.0:1883", "tcp://10.1.2.3:1883", "ws://broker.example:80"})
    void a_listener_that_others_can_reach_needs_a_password_file_or_an_explicit_word(String listener) {
        assertThat(mistakes("broker.listeners", listener))
                .containsExactly(Map.entry(
                        "broker.listeners",
                        "broker.listeners has " + listener
                                + ", which other machines can reach, and nothing says who may"
                                + " connect: name a broker.password.file, set broker.jwt.jwks for tokens, serve TLS with"
                                + " broker.ssl.client.auth=required, or set broker.allow.anonymous=true to let everyone"
                                + " in."));
        assertThat(mistakes("broker.listeners", listener, "broker.allow.anonymous", "true"))
                .isEmpty();
        assertThat(mistakes("broker.listeners", listener, "broker.password.file", "/etc/passwords"))
                .isEmpty();
        assertThat(config("broker.listeners", listener, "broker.password.file", "/etc/passwords")
                        .broker()
                        .access()
                        .allowAnonymous())
                .isFalse();
        assertThat(config("broker.listeners", listener, "broker.allow.anonymous", "true")
                        .broker()
                        .access()
                        .allowAnonymous())
                .isTrue();
    }

    @Test
    void a_listener_that_speaks_tls_needs_a_key_store_and_a_store_its_password() {
        assertThat(mistakes("broker.listeners", "ssl://127.0.0.1:8883"))
                .containsExactly(Map.entry(
                        "broker.ssl.keystore.location",
                        "broker.ssl.keystore.location is not set: the listener ssl://127.0.0.1:8883 needs a key store"
                                + " with the broker's certificate and private key."));
        assertThat(mistakes("broker.listeners", "wss://127.0.0.1:8883", "broker.ssl.keystore.location", "/k.p12"))
                .containsExactly(Map.entry(
                        "broker.ssl.keystore.password",
                        "broker.ssl.keystore.password is not set: the file /k.p12 of broker.ssl.keystore.location needs"
                                + " its password."));
        assertThat(mistakes("broker.ssl.truststore.location", "/t.p12"))
                .containsOnlyKeys("broker.ssl.truststore.password");
    }

    @Test
    void tls_reaches_the_broker_and_passwords_are_never_shown() {
        SourceConfig config = config(
                "broker.listeners", "ssl://127.0.0.1:8883",
                "broker.ssl.keystore.location", "/k.p12",
                "broker.ssl.keystore.password", "open-sesame",
                "broker.ssl.key.password", "key-secret",
                "broker.ssl.truststore.location", "/t.jks",
                "broker.ssl.truststore.password", "trust-secret",
                "broker.ssl.truststore.type", "JKS",
                "broker.ssl.client.auth", "requested");

        TlsConfig tls = config.broker().tls().orElseThrow();
        assertThat(tls)
                .isEqualTo(new TlsConfig(
                        new TlsConfig.Store(Path.of("/k.p12"), "PKCS12", new TlsConfig.Secret("open-sesame")),
                        Optional.of(new TlsConfig.Secret("key-secret")),
                        Optional.of(
                                new TlsConfig.Store(Path.of("/t.jks"), "JKS", new TlsConfig.Secret("trust-secret"))),
                        TlsConfig.ClientAuth.REQUESTED));
        assertThat(config.values().toString() + config.broker())
                .doesNotContain("open-sesame")
                .doesNotContain("secret");
    }

    @Test
    void required_client_certificates_guard_a_listener_that_speaks_tls_and_no_other() {
        String[] withCertificates = {
            "broker.ssl.keystore.location", "/k.p12",
            "broker.ssl.keystore.password", "x",
            "broker.ssl.client.auth", "required",
            "broker.listeners", "ssl://0.0.0.0:8883"
        };
        assertThat(mistakes(withCertificates))
                .as("issued by anybody the JVM trusts")
                .containsOnlyKeys("broker.ssl.truststore.location");
        withCertificates = Stream.concat(
                        Arrays.stream(withCertificates),
                        Stream.of("broker.ssl.truststore.location", "/t.p12", "broker.ssl.truststore.password", "x"))
                .toArray(String[]::new);
        assertThat(mistakes(withCertificates)).isEmpty();
        assertThat(config(withCertificates).broker().access().allowAnonymous()).isTrue();
        String[] withLists = Stream.concat(
                        Arrays.stream(withCertificates),
                        Stream.of("broker.ssl.crl.location", "/revoked.pem", "broker.ssl.ocsp", "soft"))
                .toArray(String[]::new);
        assertThat(mistakes(withLists)).isEmpty();
        assertThat(config(withLists)
                        .broker()
                        .access()
                        .certificates()
                        .orElseThrow()
                        .revocation())
                .isEqualTo(new Revocation(Optional.of(Path.of("/revoked.pem")), Revocation.Ocsp.SOFT));

        withCertificates[7] = "ssl://0.0.0.0:8883,tcp://0.0.0.0:1883";
        assertThat(mistakes(withCertificates)).containsOnlyKeys("broker.listeners");
        withCertificates[7] = "ssl://0.0.0.0:8883";
        withCertificates[5] = "requested";
        assertThat(mistakes(withCertificates)).containsOnlyKeys("broker.listeners");
    }

    @Test
    void nobody_is_let_in_without_a_name_where_there_are_passwords_unless_it_is_said() {
        assertThat(config("broker.password.file", "/p").broker().access().allowAnonymous())
                .isFalse();
        assertThat(config("broker.password.file", "/p", "broker.allow.anonymous", "true")
                        .broker()
                        .access()
                        .allowAnonymous())
                .isTrue();
        assertThat(mistakes("broker.allow.anonymous", "false"))
                .containsExactly(Map.entry(
                        "broker.allow.anonymous",
                        "broker.allow.anonymous=false lets no client connect, as nothing says who may: name a"
                                + " broker.password.file, set broker.jwt.jwks for tokens, or take user names from client"
                                + " certificates with broker.ssl.principal."));
    }

    @Test
    void nobody_needs_to_be_let_in_without_a_name_where_certificates_name_users() {
        String[] named = {
            "broker.listeners", "ssl://0.0.0.0:8883,tcp://127.0.0.1:1883",
            "broker.ssl.keystore.location", "/k.p12",
            "broker.ssl.keystore.password", "x",
            "broker.ssl.truststore.location", "/t.p12",
            "broker.ssl.truststore.password", "x",
            "broker.ssl.principal", "cn",
            "broker.ssl.client.auth", "required",
            "broker.allow.anonymous", "false"
        };
        assertThat(mistakes(named)).isEmpty();
        assertThat(config(named).broker().access().allowAnonymous()).isFalse();
        named[13] = "requested";
        assertThat(mistakes(named)).isEmpty();

        named[11] = "none";
        assertThat(mistakes(named)).containsOnlyKeys("broker.allow.anonymous");
        named[11] = "cn";
        named[1] = "tcp://127.0.0.1:1883";
        assertThat(mistakes(named)).containsOnlyKeys("broker.allow.anonymous");
    }

    @Test
    void whether_a_certificate_was_taken_back_is_only_asked_where_certificates_are() {
        String[] keys = {"broker.ssl.keystore.location", "/k.p12", "broker.ssl.keystore.password", "x"};
        assertThat(mistakes(with(keys, "broker.ssl.crl.location", "/revoked.pem")))
                .containsEntry(
                        "broker.ssl.crl.location",
                        "broker.ssl.crl.location is about client certificates, which no listener asks for: set"
                                + " broker.ssl.client.auth=required or broker.ssl.client.auth=requested.");
        assertThat(mistakes(with(keys, "broker.ssl.ocsp", "soft", "broker.ssl.client.auth", "requested")))
                .containsEntry(
                        "broker.ssl.ocsp",
                        "broker.ssl.ocsp needs the issuers of client certificates: set"
                                + " broker.ssl.truststore.location.");
        assertThat(mistakes(with(keys, "broker.ssl.ocsp", "none"))).isEmpty();
    }

    private static String[] with(String[] some, String... more) {
        return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray(String[]::new);
    }
}
