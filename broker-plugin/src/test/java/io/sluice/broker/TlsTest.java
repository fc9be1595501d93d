package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TlsTest {

    private static final String PASSWORD = "changeit";

    @TempDir
    static Path dir;

    @BeforeAll
    static void makeKeys() throws Exception {
        makeKeyPair("broker");
        makeKeyPair("renewed");
        makeKeyPair("device");
        makeKeyPair("stranger");
    }

    @ParameterizedTest
    @EnumSource(
            value = Listener.Transport.class,
            names = {"SSL", "WSS"})
    void a_device_publishes_over_tls(Listener.Transport transport) throws Exception {
        try (TestBroker broker = start(ClientAuth.NONE);
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient device = client(broker, transport, Optional.empty());
            device.connect();
            device.publishWith()
                    .topic("t")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload("x".getBytes(UTF_8))
                    .send();
            assertThat(reader.read(1)).hasSize(1);
            device.disconnect();
        }
    }

    @Test
    void a_device_needs_a_certificate_where_one_is_required() throws Exception {
        try (TestBroker broker = start(ClientAuth.REQUIRED);
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient device = client(broker, Listener.Transport.SSL, Optional.of("device"));
            device.connect();
            device.publishWith().topic("t").qos(MqttQos.AT_LEAST_ONCE).send();
            assertThat(reader.read(1)).hasSize(1);
            device.disconnect();

            assertThatThrownBy(client(broker, Listener.Transport.SSL, Optional.empty())::connect)
                    .isNotNull();
            assertThatThrownBy(client(broker, Listener.Transport.SSL, Optional.of("stranger"))::connect)
                    .isNotNull();
        }
    }

    @Test
    void a_renewed_certificate_is_shown_to_those_who_connect_after_it_was_written() throws Exception {
        Path keys = dir.resolve("changing.p12");
        Files.copy(dir.resolve("broker.p12"), keys);
        try (TestBroker broker = start(keys, ClientAuth.NONE)) {
            assertThat(subjectShownBy(broker)).isEqualTo("CN=broker");
            Files.copy(dir.resolve("renewed.p12"), keys, StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(keys, FileTime.fromMillis(System.currentTimeMillis() + 10_000));
            assertThat(subjectShownBy(broker)).isEqualTo("CN=renewed");
            Files.writeString(keys, "broken");
            Files.setLastModifiedTime(keys, FileTime.fromMillis(System.currentTimeMillis() + 20_000));
            assertThat(subjectShownBy(broker)).isEqualTo("CN=renewed");
        }
    }

    @Test
    void a_store_that_cannot_be_used_is_said_in_one_sentence_without_its_password() {
        Store wrong = new Store(dir.resolve("broker.p12"), "PKCS12", new Secret("wrong-password"));
        TlsConfig tls = new TlsConfig(wrong, Optional.empty(), Optional.empty(), ClientAuth.NONE);
        assertThatThrownBy(() -> new TestBroker.Wanted()
                        .listeners("ssl://127.0.0.1:0")
                        .tls(tls)
                        .start())
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("PKCS12 store " + dir.resolve("broker.p12"))
                .hasMessageNotContaining("wrong-password");
        assertThat(tls.toString()).doesNotContain("wrong-password");
    }

    @Test
    void a_listener_that_speaks_tls_needs_a_key_store() {
        assertThatThrownBy(() ->
                        new TestBroker.Wanted().listeners("ssl://127.0.0.1:0").config())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ssl://127.0.0.1:0 needs a key store");
    }

    private static TestBroker start(ClientAuth clientAuth) {
        return start(dir.resolve("broker.p12"), clientAuth);
    }

    private static TestBroker start(Path keys, ClientAuth clientAuth) {
        return new TestBroker.Wanted()
                .listeners("ssl://127.0.0.1:0", "wss://127.0.0.1:0")
                .tls(new TlsConfig(
                        store(keys), Optional.empty(), Optional.of(store(dir.resolve("device.p12"))), clientAuth))
                .start();
    }

    private static Store store(Path file) {
        return new Store(file, "PKCS12", new Secret(PASSWORD));
    }

    private static Mqtt5BlockingClient client(TestBroker broker, Listener.Transport transport, Optional<String> keys)
            throws Exception {
        TrustManagerFactory trust = trust();
        var ssl = MqttClientSslConfig.builder().trustManagerFactory(trust).hostnameVerifier((host, session) -> true);
        if (keys.isPresent()) {
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(load(keys.get()), PASSWORD.toCharArray());
            ssl = ssl.keyManagerFactory(own);
        }
        Mqtt5ClientBuilder builder = MqttClient.builder()
                .useMqttVersion5()
                .serverHost("127.0.0.1")
                .serverPort(broker.port(transport))
                .sslConfig(ssl.build());
        if (transport == Listener.Transport.WSS) {
            builder = builder.webSocketConfig().serverPath("mqtt").applyWebSocketConfig();
        }
        return builder.buildBlocking();
    }

    private static TrustManagerFactory trust() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (String name : List.of("broker", "renewed")) {
            trusted.setCertificateEntry(name, load(name).getCertificate(name));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory;
    }

    private static String subjectShownBy(TestBroker broker) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust().getTrustManagers(), null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), broker.port(Listener.Transport.SSL))) {
            X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return shown.getSubjectX500Principal().getName();
        }
    }

    private static KeyStore load(String name) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(dir.resolve(name + ".p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    /** The JDK's own tool; there is no public API that makes a certificate. */
    private static void makeKeyPair(String name) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        dir.resolve(name + ".p12").toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "365")
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
    }
}
