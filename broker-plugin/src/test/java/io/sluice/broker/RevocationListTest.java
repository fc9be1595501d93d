package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.sluice.LoggedEvents;
import io.sluice.broker.RealClient.Library;
import io.sluice.broker.RealClient.Settings;
import io.sluice.broker.RealClient.Trust;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.Revocation;
import io.sluice.tls.Revocation.Ocsp;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates that are in a list of their issuer (CRL). */
@Timeout(60)
class RevocationListTest {

    private static final int NOT_AUTHORIZED = 0x87;
    private static final int NOT_AUTHORIZED_3 = 5;

    @TempDir
    private static Path dir;

    private static ResponderPort port;
    private static TestIssuer issuer;
    private static byte[] ofAnother;
    private static byte[] ofStolen;

    @BeforeAll
    static void makeKeys() throws Exception {
        port = new ResponderPort();
        issuer = new TestIssuer(dir, port);
        ofAnother = issuer.keys().revocationListPem("issuer", BigInteger.ONE);
        ofStolen = issuer.listOf("stolen");
    }

    @AfterAll
    static void free() throws IOException {
        port.close();
    }

    @Test
    void a_device_whose_certificate_is_in_a_list_is_not_let_in() throws Exception {
        Path lists = Files.createDirectory(dir.resolve("lists"));
        Path list = lists.resolve("issuer.crl");
        Files.write(list, issuer.keys().revocationList("issuer", issuer.serial("stolen")));
        try (TestBroker binary = issuer.start(new Revocation(Optional.of(list), Ocsp.NONE))) {
            issuer.assertMayConnect(binary, "good");
            issuer.assertMayNotConnect(binary, "stolen");
        }
        Files.write(list, ofStolen);
        try (TestBroker inFolder = issuer.start(new Revocation(Optional.of(lists), Ocsp.NONE))) {
            issuer.assertMayConnect(inFolder, "good");
            issuer.assertMayNotConnect(inFolder, "stolen");
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void every_library_shows_its_certificate_and_is_refused_when_it_is_in_a_list(Library library) throws Exception {
        Path list = Files.write(dir.resolve("libraries.crl"), ofStolen);
        try (TestBroker broker = issuer.start(new Revocation(Optional.of(list), Ocsp.NONE));
                RealClient good = library.open(showing(broker, "good"));
                RealClient stolen = library.open(showing(broker, "stolen"))) {
            good.connect();
            assertThat(stolen.refusal(catchThrowable(stolen::connect)))
                    .isEqualTo(library.speaksMqtt5() ? NOT_AUTHORIZED : NOT_AUTHORIZED_3);
            assertThat(good.isConnected()).isTrue();
        }
    }

    private static Settings showing(TestBroker broker, String name) throws Exception {
        return Settings.of(broker, name)
                .over(
                        Listener.Transport.SSL,
                        broker.port(Listener.Transport.SSL),
                        Trust.of(issuer.keys().trusting("broker"))
                                .showing(issuer.keys().showing(name)));
    }

    @Test
    void a_list_that_has_changed_counts_and_a_broken_one_leaves_the_former_in_use() throws Exception {
        Path list = Files.write(dir.resolve("changing.crl"), ofAnother);
        try (TestBroker broker = issuer.start(new Revocation(Optional.of(list), Ocsp.NONE))) {
            issuer.assertMayConnect(broker, "stolen");
            Files.write(list, ofStolen);
            await().untilAsserted(() -> issuer.assertMayNotConnect(broker, "stolen"));
            try (LoggedEvents logged = LoggedEvents.since(FollowedStore.class.getName())) {
                Files.writeString(list, "broken");
                await().until(() -> !logged.events().isEmpty());
            }
            issuer.assertMayNotConnect(broker, "stolen");
            issuer.assertMayConnect(broker, "good");
        }
    }

    @Test
    void a_device_that_is_in_is_disconnected_when_its_certificate_comes_into_a_list() throws Exception {
        Path list = Files.write(dir.resolve("growing.crl"), ofAnother);
        try (TestBroker broker = issuer.start(new Revocation(Optional.of(list), Ocsp.NONE))) {
            Mqtt5BlockingClient stolen = issuer.device(broker, "stolen");
            Mqtt5BlockingClient good = issuer.device(broker, "good");
            stolen.connect();
            good.connect();

            Files.write(list, ofStolen);

            await().until(() -> !stolen.getState().isConnected());
            assertThat(good.getState().isConnected()).isTrue();
            good.disconnect();
        }
    }

    @Test
    void with_a_key_whose_certificate_is_in_a_list_nobody_guesses_passwords() throws Exception {
        Path list = Files.write(dir.resolve("guessing.crl"), ofStolen);
        Path passwords = Files.writeString(
                dir.resolve("guessed"), "ann:" + BCrypt.withDefaults().hashToString(4, "another".toCharArray()) + "\n");
        AccessConfig access = new AccessConfig(
                false,
                Optional.of(passwords),
                Optional.empty(),
                CertificateNames.NONE,
                Optional.empty(),
                Optional.of(issuer.check(new Revocation(Optional.of(list), Ocsp.NONE))),
                Optional.empty());
        try (TestBroker broker = issuer.wanted(Revocation.NONE).access(access).start()) {
            assertThatThrownBy(TestIssuer.withPassword(issuer.overTls(broker, "guesses", "stolen"), "ann")::connect)
                    .hasMessageContaining("NOT_AUTHORIZED");
            assertThat(broker.broker().stats().door().wrongPasswords()).isZero();
            assertThatThrownBy(TestIssuer.withPassword(issuer.overTls(broker, "mistypes", "good"), "ann")::connect)
                    .hasMessageContaining("BAD_USER_NAME_OR_PASSWORD");
            assertThat(broker.broker().stats().door().wrongPasswords()).isOne();
        }
    }

    @Test
    void without_a_list_of_the_issuer_nobody_is_let_in_and_a_broker_without_a_readable_list_does_not_start()
            throws Exception {
        TestKeys strangers = new TestKeys(Files.createDirectory(dir.resolve("others")));
        strangers.make("issuer", "EC", TestKeys.AUTHORITY);
        Path list = Files.write(dir.resolve("other.crl"), strangers.revocationList("issuer", BigInteger.ONE));
        try (TestBroker broker = issuer.start(new Revocation(Optional.of(list), Ocsp.NONE))) {
            issuer.assertMayNotConnect(broker, "good");
        }
        assertThatThrownBy(() -> issuer.start(new Revocation(Optional.of(dir.resolve("none")), Ocsp.NONE)))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("the revocation lists " + dir.resolve("none") + " cannot be read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void a_session_of_tls_that_is_resumed_is_checked_again(String protocol) throws Exception {
        Path list = Files.write(dir.resolve("resumed-" + protocol + ".crl"), ofAnother);
        SSLSocketFactory tls = issuer.tls();
        try (TestBroker broker = issuer.start(new Revocation(Optional.of(list), Ocsp.NONE))) {
            int port = broker.port(Listener.Transport.SSL);
            long made;
            try (SSLSocket socket = (SSLSocket) tls.createSocket("127.0.0.1", port)) {
                socket.setEnabledProtocols(new String[] {protocol});
                try (Peer first = new Peer(socket)) {
                    first.connect(Mqtt.V5.connect("device"));
                    made = socket.getSession().getCreationTime();
                }
            }
            await().until(() -> System.currentTimeMillis() > made);
            Files.write(list, issuer.listOf("good"));
            await().untilAsserted(() -> issuer.assertMayNotConnect(broker, "good"));
            try (SSLSocket socket = (SSLSocket) tls.createSocket("127.0.0.1", port)) {
                socket.setEnabledProtocols(new String[] {protocol});
                try (Peer again = new Peer(socket)) {
                    again.send(Mqtt.V5.connect("device"));
                    assertThat(again.next(Mqtt.CONNACK).body()[1] & 0xFF).isEqualTo(NOT_AUTHORIZED);
                    assertThat(socket.getSession().getCreationTime())
                            .as("it is the same session")
                            .isEqualTo(made);
                }
            }
        }
    }
}
