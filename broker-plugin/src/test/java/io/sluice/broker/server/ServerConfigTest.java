package io.sluice.broker.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.broker.BrokerConfig;
import io.sluice.broker.TestBroker;
import io.sluice.broker.door.ConnectionLimits;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.door.transport.QueueLimits;
import io.sluice.broker.door.transport.WebSocketOrigin;
import io.sluice.broker.session.SessionLimits;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.remote.BufferEndpoint;
import io.sluice.remote.DrainConfig;
import io.sluice.status.StatusAddress;
import io.sluice.status.StatusConfig;
import io.sluice.tls.CertificateCheck;
import io.sluice.tls.Revocation;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import io.sluice.tls.TlsTerms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the configuration file of a broker of its own means. */
class ServerConfigTest {

    private static final Path SHIPPED = Path.of("../assembly/src/broker/config/sluice-broker.conf");

    @TempDir
    private Path folder;

    @Test
    void the_file_that_is_shipped_listens_on_loopback_and_keeps_messages_beside_itself() throws Exception {
        BrokerConfig broker = read(Files.readString(SHIPPED)).broker();

        assertThat(broker)
                .isEqualTo(new BrokerConfig(
                        "sluice-broker",
                        List.of(Listener.of("tcp://127.0.0.1:1883")),
                        false,
                        TestBroker.OPEN,
                        Optional.empty(),
                        1_000_000,
                        TestBroker.USUAL_LIMITS,
                        Duration.ofDays(7),
                        true,
                        List.of(),
                        Duration.ZERO,
                        new BufferConfig(
                                Optional.of(folder.resolveSibling("data")),
                                1 << 30,
                                Overflow.BLOCK,
                                1 << 26,
                                Duration.ZERO,
                                Duration.ofDays(7),
                                true)));
    }

    @Test
    void the_keys_that_are_commented_out_in_it_are_keys_too() throws Exception {
        for (String name : List.of(
                "passwords",
                "acl",
                "keystore.jks",
                "truststore.p12",
                "revoked.pem",
                "tokens",
                "drain.p12",
                "workers.p12",
                "status-tokens",
                "status.p12")) {
            Files.createFile(folder.resolve(name));
        }
        String all = Files.readString(SHIPPED)
                .replaceAll("(?m)^#(?=[a-z_.]+ \\S+$)", "")
                .replace("need_client_auth false", "need_client_auth true");

        ServerConfig server = read(all);
        BrokerConfig broker = server.broker();

        assertThat(broker.listeners())
                .extracting(Listener::toString)
                .containsExactly("tcp://10.0.0.5:1883", "ssl://0.0.0.0:8883");
        assertThat(read(all.replaceAll("(?m)^sluice.broker.listeners .*$", ""))
                        .broker()
                        .listeners())
                .extracting(Listener::toString)
                .containsExactly(
                        "tcp://127.0.0.1:1883", "ssl://127.0.0.1:8883", "ws://127.0.0.1:8080", "wss://127.0.0.1:8443");
        assertThat(broker.limits().connections()).isEqualTo(new ConnectionLimits(16_384, 8_192));
        assertThat(broker.limits().connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(broker.limits().sessions())
                .isEqualTo(new SessionLimits(32_768, 1_000, 10L << 20, 1_000, 65_536, 100_000, 256L << 20, 1L << 30));
        assertThat(broker.limits().queues()).isEqualTo(new QueueLimits(67_108_864, 1_048_576));
        assertThat(broker.webSocketOrigins())
                .containsExactly(
                        new WebSocketOrigin("https://example.com"), new WebSocketOrigin("https://example.org:8443"));
        assertThat(broker.access().passwordFile()).contains(folder.resolve("passwords"));
        assertThat(broker.access().aclFile()).contains(folder.resolve("acl"));
        assertThat(broker.tls().orElseThrow().trustStore())
                .contains(new Store(folder.resolve("truststore.p12"), "PKCS12", new Secret("secret")));
        assertThat(broker.access().certificates())
                .contains(new CertificateCheck(
                        new Store(folder.resolve("truststore.p12"), "PKCS12", new Secret("secret")),
                        new Revocation(Optional.of(folder.resolve("revoked.pem")), Revocation.Ocsp.NONE)));
        assertThat(server.drain())
                .contains(new DrainConfig(
                        BufferEndpoint.of("ssl://127.0.0.1:8884"),
                        Optional.of(new TlsConfig(
                                new Store(folder.resolve("drain.p12"), "PKCS12", new Secret("secret")),
                                Optional.of(new Secret("secret")),
                                Optional.of(new Store(folder.resolve("workers.p12"), "PKCS12", new Secret("secret"))),
                                ClientAuth.REQUIRED,
                                new TlsTerms(List.of("TLSv1.3"), List.of("TLS_AES_256_GCM_SHA384")))),
                        Optional.of(folder.resolve("tokens"))));
    }

    @Test
    void pem_files_need_no_password_and_may_lie_in_a_folder() throws Exception {
        Path certificates = Files.createDirectory(folder.resolve("certificates"));
        TlsConfig tls = read("""
                        sluice.buffer.storage memory
                        sluice.broker.listeners ssl://127.0.0.1:8883
                        sluice.broker.ssl.keystore.location certificates
                        sluice.broker.ssl.keystore.type pem
                        sluice.broker.ssl.enabled.protocols TLSv1.3
                        """).broker().tls().orElseThrow();
        assertThat(tls.keyStore()).isEqualTo(new Store(certificates, "PEM", new Secret("")));
        assertThat(tls.terms()).isEqualTo(new TlsTerms(List.of("TLSv1.3"), TlsTerms.SAFE_CIPHER_SUITES));
    }

    @Test
    void the_buffer_is_served_only_where_the_configuration_says_so_and_on_loopback_without_more() throws Exception {
        assertThat(read(Files.readString(SHIPPED)).drain()).isEmpty();
        assertThat(read("sluice.buffer.storage memory\nsluice.drain.listener tcp://127.0.0.1:1884\n")
                        .drain())
                .contains(
                        new DrainConfig(BufferEndpoint.of("tcp://127.0.0.1:1884"), Optional.empty(), Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    sluice.drain.listener tcp://0.0.0.0:1884, sluice.drain.token.file file | sluice.drain.listener is 'tcp://0.0.0.0:1884', which other machines can reach
                    sluice.drain.listener ssl://0.0.0.0:1884, sluice.drain.ssl.keystore.location file, sluice.drain.ssl.keystore.password x | sluice.drain.listener is 'ssl://0.0.0.0:1884', which other machines can reach
                    sluice.drain.listener ssl://127.0.0.1:1884 | sluice.drain.listener is 'ssl://127.0.0.1:1884', and speaks TLS: name
                    sluice.drain.listener mqtt://127.0.0.1:1884 | sluice.drain.listener: 'mqtt://127.0.0.1:1884' is no endpoint of a buffer
                    sluice.drain.listener ssl://0.0.0.0:1884, sluice.drain.ssl.keystore.location file, sluice.drain.ssl.keystore.password x, sluice.drain.ssl.client.auth required | sluice.drain.ssl.client.auth asks workers for a certificate
                    sluice.drain.listener tcp://127.0.0.1:1884, sluice.drain.token.file missing | sluice.drain.token.file is 'missing': it must be the path of a file
                    sluice.drain.token.file file | sluice.drain.token.file is set, and has no effect
                    """)
    void a_buffer_is_not_served_to_everyone_by_mistake(String lines, String sentence) throws Exception {
        Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> read("sluice.buffer.storage memory\n" + lines.replace(", ", "\n") + "\n"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(sentence)
                .hasMessageNotContaining("\n");
    }

    @Test
    void the_status_is_served_only_where_the_configuration_says_so() throws Exception {
        assertThat(read(Files.readString(SHIPPED)).status()).isEmpty();
        assertThat(read("sluice.buffer.storage memory\nsluice.status.listener http://127.0.0.1:9404\n")
                        .status())
                .contains(new StatusConfig(
                        StatusAddress.of("http://127.0.0.1:9404"), Optional.empty(), Optional.empty(), false));
        assertThatThrownBy(() -> read("sluice.buffer.storage memory\nsluice.status.listener http://0.0.0.0:9404\n"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "sluice.status.listener is 'http://0.0.0.0:9404', which other machines can reach: it must be"
                                + " an https:// listener, and sluice.status.token.file must say who may ask.");
    }

    @Test
    void keys_of_tokens_lie_beside_the_file_unless_they_are_at_a_url() throws Exception {
        assertThat(jwtKeys("keys.json")).isEqualTo(folder.resolve("keys.json").toString());
        assertThat(jwtKeys("https://issuer.example/keys")).isEqualTo("https://issuer.example/keys");
        assertThat(jwtKeys(folder.resolve("elsewhere").toString()))
                .isEqualTo(folder.resolve("elsewhere").toString());
    }

    private String jwtKeys(String written) throws IOException {
        return read("sluice.buffer.storage memory\nsluice.broker.jwt.jwks " + written + "\n")
                .broker()
                .access()
                .tokens()
                .orElseThrow()
                .keys()
                .text();
    }

    @Test
    void keys_of_moquette_that_have_no_effect_are_named() throws Exception {
        assertThat(read("sluice.buffer.storage memory\ndata_path data/\nnetty.native true\n")
                        .unused())
                .containsExactly("data_path", "netty.native");
    }

    @Test
    void required_client_certificates_come_from_the_issuers_in_the_key_store_unless_there_is_a_trust_store()
            throws Exception {
        Files.createFile(folder.resolve("keys"));

        BrokerConfig broker = read("""
                sluice.buffer.storage memory
                host 0.0.0.0
                port disabled
                ssl_port 8883
                jks_path keys
                key_store_password secret
                need_client_auth true
                """).broker();

        assertThat(broker.tls().orElseThrow().clientAuth()).isEqualTo(ClientAuth.REQUIRED);
        assertThat(broker.tls().orElseThrow().trustStore())
                .contains(new Store(folder.resolve("keys"), "JKS", new Secret("secret")));
        assertThat(broker.access().allowAnonymous()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    sluice.bufer.dir x                     | sluice.bufer.dir in %s is not a key of this broker: is it sluice.buffer.dir?
                    status.listener x                      | status.listener in %s is not a key of this broker: is it sluice.status.listener?
                    acl_fil x                              | acl_fil in %s is not a key of this broker: is it acl_file?
                    colour blue                            | colour in %s is not a key of this broker. doc/broker-configuration.md has them all.
                    port many                              | port is 'many': it must be a port from 0 (a free one) to 65535, or disabled
                    port disabled                          | port is 'disabled': it must be a port
                    sluice.broker.fanout yes               | sluice.broker.fanout is 'yes': it must be true or false
                    sluice.buffer.acknowledge.unattached 1 | sluice.buffer.acknowledge.unattached is '1': it must be true or false
                    sluice.buffer.max.bytes 1000           | sluice.buffer.max.bytes is 1000, less than two segments of 67108864 bytes: set it to 134217728
                    netty.mqtt.message_size 0              | netty.mqtt.message_size is '0': it must be a whole number from 1 to 268435455
                    persistent_client_expiration 3         | persistent_client_expiration is '3': it must be a whole number and one of the units
                    persistent_client_expiration 99999d    | persistent_client_expiration is '99999d': it must be
                    password_file missing                  | password_file is 'missing': it must be the path of a file that can be read
                    acl_file missing                       | acl_file is 'missing': it must be the path of a file that can be read
                    ssl_port 8883                          | jks_path is not set: the listener ssl://127.0.0.1:8883 needs a key store
                    host 0.0.0.0                           | host has tcp://0.0.0.0:1883, which other machines can reach
                    sluice.broker.proxy.protocol true      | port has tcp://127.0.0.1:1883, which other machines can reach
                    allow_anonymous false                  | allow_anonymous false lets no client connect
                    authenticator_class a.B                | authenticator_class is 'a.B': this server does not know it; instead, name a password_file
                    allow_anonymous                        | Line 2 of %s is neither a comment
                    """)
    void a_mistake_is_one_sentence_with_key_value_and_what_would_be_right(String line, String sentence) {
        assertThatThrownBy(() -> read("sluice.buffer.storage memory\n" + line + "\n"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(sentence.formatted(file()))
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @CsvSource({"disk, '', true", "disk, false, false", "memory, '', false", "memory, true, true"})
    void while_connectors_are_away_publishers_are_acknowledged_from_a_disk_unless_told_otherwise(
            String storage, String acknowledge, boolean acknowledges) throws Exception {
        String line = acknowledge.isEmpty() ? "" : "sluice.buffer.acknowledge.unattached " + acknowledge + "\n";
        assertThat(read("sluice.buffer.dir data\nsluice.buffer.storage " + storage + "\n" + line)
                        .broker()
                        .buffer()
                        .acknowledgesUnattached())
                .isEqualTo(acknowledges);
    }

    @Test
    void a_buffer_on_disk_needs_a_folder() {
        assertThatThrownBy(() -> read("port 1883\n"))
                .hasMessageContaining("sluice.buffer.dir is not set: name a folder");
    }

    @Test
    void what_moquette_would_read_up_to_a_mistake_is_refused_as_a_whole() {
        for (Map.Entry<String, String> wrong : Map.of(
                        "port 1\nhost x # y\n", "Line 2 of",
                        " port 1\n", "Line 1 of",
                        "port 1\nport 2\n", "a second time")
                .entrySet()) {
            assertThatThrownBy(() -> read(wrong.getKey()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining(wrong.getValue());
        }
        assertThatThrownBy(() -> read("key_store_password se#cret\n")).hasMessageNotContaining("cret");
    }

    @Test
    void a_file_that_is_not_there_is_named() {
        assertThatThrownBy(() -> ServerConfig.read(folder.resolve("nowhere")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("nowhere");
    }

    private Path file() {
        return folder.resolve("broker.conf");
    }

    private ServerConfig read(String text) throws IOException {
        Files.writeString(file(), text);
        return ServerConfig.read(file());
    }
}
