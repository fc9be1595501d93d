package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.LoggedEvents;
import io.sluice.broker.RealClient.Library;
import io.sluice.broker.RealClient.Publication;
import io.sluice.broker.RealClient.Settings;
import io.sluice.broker.RealClient.Trust;
import io.sluice.broker.door.transport.Listener;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import io.sluice.tls.TlsTerms;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which TLS is spoken, and with which certificate of several. */
@Timeout(60)
class TlsTermsTest {

    private static final List<String> NAMES = List.of("one", "two", "renewed");

    @TempDir
    static Path keysDir;

    @TempDir
    Path dir;

    private static TestKeys keys;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = new TestKeys(keysDir);
        keys.make("one", "EC", TestKeys.names("one.example.com", "localhost", "127.0.0.1"));
        keys.make("two", "EC", TestKeys.names("two.example.com"));
        keys.make("renewed", "EC", TestKeys.names("one.example.com", "localhost", "127.0.0.1"));
    }

    private static TestBroker start(Path pem, TlsTerms terms) {
        return new TestBroker.Wanted()
                .listeners("ssl://127.0.0.1:0")
                .tls(new TlsConfig(
                        new Store(pem, "PEM", new Secret("")),
                        Optional.empty(),
                        Optional.empty(),
                        ClientAuth.NONE,
                        terms))
                .start();
    }

    private void writePem(String file, String name) throws Exception {
        Path key = dir.resolve(file + ".key");
        Path certificate = dir.resolve(file + ".crt");
        boolean isNew = !Files.exists(key);
        for (Path path : List.of(key, certificate)) {
            Path written = Files.writeString(
                    dir.resolve("." + path.getFileName()),
                    path.equals(key) ? keys.keyPem(name) : keys.certificatePem(name));
            Files.setLastModifiedTime(
                    written, FileTime.fromMillis(System.currentTimeMillis() + (isNew ? -10_000 : 10_000)));
            Files.move(written, path, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static SSLContext context() throws Exception {
        TrustManagerFactory trust = keys.trusting(NAMES.toArray(new String[0]));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** Shakes hands, and says which certificate was shown. */
    private static String shown(TestBroker broker, String host, String protocol, String... suites) throws Exception {
        try (SSLSocket socket = (SSLSocket) context()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), broker.port(Listener.Transport.SSL))) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {protocol});
            parameters.setServerNames(List.of(new SNIHostName(host)));
            if (suites.length > 0) {
                parameters.setCipherSuites(suites);
            }
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return certificate.getSubjectX500Principal().getName();
        }
    }

    @Test
    void devices_publish_where_key_and_certificate_lie_in_pem_files() throws Exception {
        writePem("tls", "one");
        Trust trust = Trust.of(keys.trusting("one"));
        try (TestBroker broker = start(dir, TlsTerms.SAFE);
                TestBroker.Reader reader = broker.attach("#")) {
            for (Library library : Library.values()) {
                try (RealClient client = library.open(new Settings(
                        Listener.Transport.SSL,
                        broker.port(Listener.Transport.SSL),
                        library.name(),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        "",
                        Optional.of(trust)))) {
                    client.connect();
                    client.publish(Publication.of("t", "x", 1));
                    client.disconnect();
                }
            }
            assertThat(reader.read(4)).hasSize(4);
        }
    }

    @Test
    void each_name_gets_its_certificate_and_renewed_files_are_read_while_the_broker_runs() throws Exception {
        writePem("one", "one");
        writePem("two", "two");
        try (TestBroker broker = start(dir, TlsTerms.SAFE)) {
            for (String protocol : List.of("TLSv1.3", "TLSv1.2")) {
                assertThat(shown(broker, "one.example.com", protocol)).isEqualTo("CN=one");
                assertThat(shown(broker, "two.example.com", protocol)).isEqualTo("CN=two");
                assertThat(shown(broker, "unknown.example.com", protocol)).isIn("CN=one", "CN=two");
            }
            writePem("one", "renewed");
            await().until(() -> shown(broker, "one.example.com", "TLSv1.3").equals("CN=renewed"));
            assertThat(shown(broker, "two.example.com", "TLSv1.3")).isEqualTo("CN=two");

            try (LoggedEvents logged = LoggedEvents.since(FollowedStore.class.getName())) {
                Files.writeString(dir.resolve("one.crt"), "broken");
                Files.setLastModifiedTime(
                        dir.resolve("one.crt"), FileTime.fromMillis(System.currentTimeMillis() + 20_000));
                await().until(() -> logged.lines().stream().anyMatch(line -> line.contains(dir + " cannot be used")));
            }
            assertThat(shown(broker, "one.example.com", "TLSv1.3")).isEqualTo("CN=renewed");
        }
    }

    @Test
    void by_default_suites_without_authenticated_encryption_are_not_spoken() throws Exception {
        writePem("tls", "one");
        try (TestBroker broker = start(dir, TlsTerms.SAFE)) {
            assertThat(shown(broker, "localhost", "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"))
                    .isEqualTo("CN=one");
            for (String weak :
                    List.of("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384")) {
                assertThatThrownBy(() -> shown(broker, "localhost", "TLSv1.2", weak))
                        .as(weak)
                        .isInstanceOf(SSLException.class);
            }
        }
    }

    @Test
    void only_the_protocols_and_suites_that_are_named_are_spoken() throws Exception {
        writePem("tls", "one");
        TlsTerms narrow = new TlsTerms(List.of("TLSv1.3"), List.of("TLS_AES_256_GCM_SHA384"));
        try (TestBroker broker = start(dir, narrow)) {
            assertThat(shown(broker, "localhost", "TLSv1.3")).isEqualTo("CN=one");
            assertThatThrownBy(() -> shown(broker, "localhost", "TLSv1.2")).isInstanceOf(SSLException.class);
            assertThatThrownBy(() -> shown(broker, "localhost", "TLSv1.3", "TLS_AES_128_GCM_SHA256"))
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void each_suite_that_is_spoken_by_default_has_forward_secrecy_and_authenticated_encryption() {
        assertThat(TlsTerms.SAFE_CIPHER_SUITES)
                .hasSize(9)
                .allMatch(suite -> suite.startsWith("TLS_ECDHE_") || !suite.contains("_WITH_"))
                .allMatch(suite -> suite.contains("_GCM_") || suite.contains("_CHACHA20_POLY1305_"));
    }

    @Test
    void protocols_and_suites_that_do_not_fit_are_refused_in_a_sentence() {
        assertThatThrownBy(() -> TlsTerms.protocol("TLS1.3")).hasMessageContaining("it knows TLSv1.3, TLSv1.2");
        assertThatThrownBy(() -> TlsTerms.cipherSuite("ECDHE-RSA-AES128-GCM-SHA256"))
                .hasMessageContaining("TLS_AES_256_GCM_SHA384");
        assertThatThrownBy(() -> new TlsTerms(List.of("TLSv1.3"), List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")))
                .hasMessageContaining("leave the protocol TLSv1.3 out");
        assertThatThrownBy(() -> new TlsTerms(TlsTerms.SAFE_PROTOCOLS, List.of("TLS_AES_128_GCM_SHA256")))
                .hasMessageContaining("allow the protocol TLSv1.3 alone");
    }
}
