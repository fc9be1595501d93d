package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import io.sluice.broker.RealClient.Library;
import io.sluice.broker.RealClient.Settings;
import io.sluice.broker.RealClient.Trust;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.access.ClientIdPattern;
import io.sluice.broker.door.Listener;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.tls.CertificateCheck;
import io.sluice.tls.Revocation;
import io.sluice.tls.Revocation.Ocsp;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
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

/** Certificates that their issuer has taken back. */
@Timeout(60)
class RevocationTest {

    private static final int NOT_AUTHORIZED = 0x87;
    private static final int NOT_AUTHORIZED_3 = 5;

    @TempDir
    private static Path dir;

    private static TestKeys keys;
    /** Bound and not listening: a responder may take the port, and nobody else gets it. */
    private static Socket port = new Socket();

    private static int responderPort;
    private static byte[] ofAnother;
    private static byte[] ofStolen;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = new TestKeys(dir);
        port = new Socket();
        port.setReuseAddress(true);
        port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        responderPort = port.getLocalPort();
        String responder = "aia=ocsp:uri:http://127.0.0.1:" + responderPort;
        keys.make("broker");
        keys.make("issuer", "EC", "bc:c");
        keys.issue("good", "issuer", responder);
        keys.issue("stolen", "issuer", responder);
        ofAnother = keys.revocationList("issuer", BigInteger.ONE, "-rfc");
        ofStolen = keys.revocationList("issuer", serial("stolen"), "-rfc");
    }

    @AfterAll
    static void free() throws IOException {
        port.close();
    }

    private static BigInteger serial(String name) throws Exception {
        return keys.certificate(name).getSerialNumber();
    }

    private static TestBroker start(Revocation revocation) {
        return wanted(revocation).start();
    }

    private static TestBroker.Wanted wanted(Revocation revocation) {
        return new TestBroker.Wanted()
                .listeners("ssl://127.0.0.1:0", "tcp://127.0.0.1:0")
                .access(new AccessConfig(
                        true,
                        Optional.empty(),
                        Optional.empty(),
                        CertificateNames.NONE,
                        Optional.empty(),
                        Optional.of(new CertificateCheck(keys.store("issuer"), revocation)),
                        Optional.empty()))
                .tls(new TlsConfig(
                        keys.store("broker"),
                        Optional.empty(),
                        Optional.of(keys.store("issuer")),
                        ClientAuth.REQUIRED));
    }

    private static Mqtt5BlockingClient device(TestBroker broker, String name) throws Exception {
        return overTls(broker, name, name).buildBlocking();
    }

    private static Mqtt5ClientBuilder overTls(TestBroker broker, String id, String certificate) throws Exception {
        return MqttClient.builder()
                .useMqttVersion5()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(broker.port(Listener.Transport.SSL))
                .sslConfig(MqttClientSslConfig.builder()
                        .keyManagerFactory(keys.showing(certificate))
                        .trustManagerFactory(keys.trusting("broker"))
                        .build());
    }

    private static Mqtt5BlockingClient withPassword(Mqtt5ClientBuilder client, String user) {
        return client.simpleAuth()
                .username(user)
                .password("secret".getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
    }

    private static Mqtt5BlockingClient overTcp(TestBroker broker, String id, String user) {
        return withPassword(
                MqttClient.builder()
                        .useMqttVersion5()
                        .identifier(id)
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port()),
                user);
    }

    private static void assertMayConnect(TestBroker broker, String name) throws Exception {
        Mqtt5BlockingClient device = device(broker, name);
        device.connect();
        device.disconnect();
    }

    private static void assertMayNotConnect(TestBroker broker, String name) throws Exception {
        assertThatThrownBy(device(broker, name)::connect)
                .isInstanceOfSatisfying(
                        Mqtt5ConnAckException.class,
                        refused -> assertThat(refused.getMqttMessage().getReasonCode())
                                .isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED));
    }

    @Test
    void a_device_whose_certificate_is_in_a_list_is_not_let_in() throws Exception {
        Path lists = Files.createDirectory(dir.resolve("lists"));
        Path list = lists.resolve("issuer.crl");
        Files.write(list, keys.revocationList("issuer", serial("stolen")));
        try (TestBroker binary = start(new Revocation(Optional.of(list), Ocsp.NONE))) {
            assertMayConnect(binary, "good");
            assertMayNotConnect(binary, "stolen");
        }
        Files.write(list, ofStolen);
        try (TestBroker inFolder = start(new Revocation(Optional.of(lists), Ocsp.NONE))) {
            assertMayConnect(inFolder, "good");
            assertMayNotConnect(inFolder, "stolen");
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void every_library_shows_its_certificate_and_is_refused_when_it_is_in_a_list(Library library) throws Exception {
        Path list = Files.write(dir.resolve("libraries.crl"), ofStolen);
        try (TestBroker broker = start(new Revocation(Optional.of(list), Ocsp.NONE));
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
                        Trust.of(keys.trusting("broker")).showing(keys.showing(name)));
    }

    @Test
    void a_list_that_has_changed_counts_and_a_broken_one_leaves_the_former_in_use() throws Exception {
        Path list = Files.write(dir.resolve("changing.crl"), ofAnother);
        try (TestBroker broker = start(new Revocation(Optional.of(list), Ocsp.NONE))) {
            assertMayConnect(broker, "stolen");
            Files.write(list, ofStolen);
            assertMayNotConnect(broker, "stolen");
            Files.writeString(list, "broken");
            assertMayNotConnect(broker, "stolen");
            assertMayConnect(broker, "good");
        }
    }

    @Test
    void a_device_that_is_in_is_disconnected_when_its_certificate_comes_into_a_list() throws Exception {
        Path list = Files.write(dir.resolve("growing.crl"), ofAnother);
        try (TestBroker broker = start(new Revocation(Optional.of(list), Ocsp.NONE))) {
            Mqtt5BlockingClient stolen = device(broker, "stolen");
            Mqtt5BlockingClient good = device(broker, "good");
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
                Optional.of(new CertificateCheck(keys.store("issuer"), new Revocation(Optional.of(list), Ocsp.NONE))),
                Optional.empty());
        try (TestBroker broker = wanted(Revocation.NONE).access(access).start()) {
            assertThatThrownBy(withPassword(overTls(broker, "guesses", "stolen"), "ann")::connect)
                    .hasMessageContaining("NOT_AUTHORIZED");
            assertThat(broker.broker().stats().door().wrongPasswords()).isZero();
            assertThatThrownBy(withPassword(overTls(broker, "mistypes", "good"), "ann")::connect)
                    .hasMessageContaining("BAD_USER_NAME_OR_PASSWORD");
            assertThat(broker.broker().stats().door().wrongPasswords()).isOne();
        }
    }

    @Test
    void without_a_list_of_the_issuer_nobody_is_let_in_and_a_broker_without_a_readable_list_does_not_start()
            throws Exception {
        TestKeys strangers = new TestKeys(Files.createDirectory(dir.resolve("others")));
        strangers.make("issuer", "EC", "bc:c");
        Path list = Files.write(dir.resolve("other.crl"), strangers.revocationList("issuer", BigInteger.ONE));
        try (TestBroker broker = start(new Revocation(Optional.of(list), Ocsp.NONE))) {
            assertMayNotConnect(broker, "good");
        }
        assertThatThrownBy(() -> start(new Revocation(Optional.of(dir.resolve("none")), Ocsp.NONE)))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("the revocation lists " + dir.resolve("none") + " cannot be read");
    }

    /** openssl is the responder: one that nobody here wrote. */
    private static Process respond(String revoked) throws Exception {
        Path openssl = Path.of("/usr/bin/openssl");
        assumeThat(openssl).as("openssl, which is the responder of this test").exists();
        String end = "351231235959Z";
        Path index = Files.writeString(
                dir.resolve("index.txt"),
                String.format(
                        Locale.ROOT,
                        "V\t%s\t\t%s\tunknown\t/CN=good\nR\t%s\t200101000000Z\t%s\tunknown\t/CN=stolen\n",
                        end,
                        hexadecimal(serial("good")),
                        end,
                        hexadecimal(serial(revoked))));
        Path certificate = Files.writeString(dir.resolve("issuer.pem"), keys.certificatePem("issuer"));
        Path key = Files.writeString(dir.resolve("issuer.key"), keys.keyPem("issuer"));
        Path log = dir.resolve("responder.log");
        Process responder = new ProcessBuilder(
                        openssl.toString(),
                        "ocsp",
                        "-index",
                        index.toString(),
                        "-port",
                        Integer.toString(responderPort),
                        "-rsigner",
                        certificate.toString(),
                        "-rkey",
                        key.toString(),
                        "-CA",
                        certificate.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        // It serves one connection at a time: trying whether it listens would keep it from serving.
        await().until(() -> Files.readString(log).contains("waiting for OCSP client connections"));
        return responder;
    }

    private static String hexadecimal(BigInteger serial) {
        String digits = serial.toString(16).toUpperCase(Locale.ROOT);
        return digits.length() % 2 == 0 ? digits : "0" + digits;
    }

    @Test
    void a_responder_is_asked_and_its_silence_means_what_the_key_says() throws Exception {
        try (TestBroker required = start(new Revocation(Optional.empty(), Ocsp.REQUIRED));
                TestBroker soft = start(new Revocation(Optional.empty(), Ocsp.SOFT))) {
            assertMayNotConnect(required, "good");
            assertMayConnect(soft, "good");
            assertMayConnect(soft, "stolen");
            Process responder = respond("stolen");
            try {
                assertMayConnect(required, "good");
                assertMayNotConnect(required, "stolen");
                assertMayConnect(soft, "good");
                assertMayNotConnect(soft, "stolen");
            } finally {
                responder.destroy();
                responder.waitFor();
            }
        }
    }

    @Test
    void the_responder_is_asked_where_the_lists_say_nothing() throws Exception {
        Path list = Files.write(dir.resolve("with-responder.crl"), ofStolen);
        try (TestBroker both = start(new Revocation(Optional.of(list), Ocsp.REQUIRED))) {
            assertMayConnect(both, "good");
            assertMayNotConnect(both, "stolen");
        }
    }

    /** A responder that takes a connection and says nothing. */
    @Test
    void a_device_of_whose_certificate_nobody_speaks_is_told_that_the_broker_is_busy_and_holds_up_nobody()
            throws Exception {
        try (TestBroker broker = wanted(new Revocation(Optional.empty(), Ocsp.REQUIRED))
                        .limits(connectTimeout(Duration.ofSeconds(3)))
                        .start();
                ServerSocket silent = silent()) {
            CompletableFuture<Mqtt5ConnAck> waiting =
                    device(broker, "good").toAsync().connect();
            try (Socket asked = silent.accept()) {
                assertThat(asked.isConnected()).isTrue();
                assertOthersArePrompt(broker);
                assertThat(waiting)
                        .failsWithin(Duration.ofSeconds(10))
                        .withThrowableThat()
                        .withCauseInstanceOf(Mqtt5ConnAckException.class)
                        .withMessageContaining("SERVER_BUSY");
                assertThat(broker.broker().stats().door().refusedClients()).isEqualTo(1);
                assertThat(isAsking()).isTrue();
            }
        }
        await().until(() -> !isAsking());
    }

    private static BrokerLimits connectTimeout(Duration timeout) {
        BrokerLimits usual = BrokerLimits.defaults();
        return new BrokerLimits(
                usual.connections(),
                timeout,
                usual.stallTimeout(),
                usual.maxKeepAlive(),
                usual.queues(),
                usual.rates(),
                usual.sessions());
    }

    private static ServerSocket silent() throws IOException {
        ServerSocket silent = new ServerSocket(responderPort, 50, InetAddress.getLoopbackAddress());
        silent.setSoTimeout(30_000);
        return silent;
    }

    private static void assertOthersArePrompt(TestBroker broker) throws IOException {
        for (int i = 0; i < 8; i++) {
            try (Peer peer = Peer.connected(broker.port(), Mqtt.V5, "other-" + i)) {
                peer.send(Mqtt.V5.publish("t", 1, 1, "x"));
                assertThat(peer.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
            }
        }
    }

    @Test
    void a_device_that_leaves_before_its_responder_answers_holds_up_nobody() throws Exception {
        try (TestBroker broker = start(new Revocation(Optional.empty(), Ocsp.REQUIRED));
                ServerSocket silent = silent()) {
            Socket leaving = tls().createSocket("127.0.0.1", broker.port(Listener.Transport.SSL));
            leaving.getOutputStream().write(Mqtt.V5.connect("leaving"));
            try (Socket asked = silent.accept()) {
                assertThat(asked.isConnected()).isTrue();
                leaving.close();
                await().until(() -> broker.broker().stats().door().connections() == 0);
                assertOthersArePrompt(broker);
                assertThat(isAsking()).as("nobody has answered").isTrue();
            }
        }
    }

    private static SSLSocketFactory tls() throws Exception {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.showing("good").getKeyManagers(), keys.trusting("broker").getTrustManagers(), null);
        return tls.getSocketFactory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void a_session_of_tls_that_is_resumed_is_checked_again(String protocol) throws Exception {
        Path list = Files.write(dir.resolve("resumed-" + protocol + ".crl"), ofAnother);
        SSLSocketFactory tls = tls();
        try (TestBroker broker = start(new Revocation(Optional.of(list), Ocsp.NONE))) {
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
            Files.write(list, keys.revocationList("issuer", serial("good")));
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

    @Test
    void who_may_not_come_in_any_more_when_the_responder_answers_takes_over_nobody() throws Exception {
        String hash = BCrypt.withDefaults().hashToString(4, "secret".toCharArray());
        Path passwords =
                Files.writeString(dir.resolve("passwords"), "ann:" + hash + "\nbob:" + hash + "\ncarl:" + hash + "\n");
        AccessConfig access = new AccessConfig(
                false,
                Optional.of(passwords),
                Optional.empty(),
                CertificateNames.NONE,
                Optional.empty(),
                Optional.of(new CertificateCheck(keys.store("issuer"), new Revocation(Optional.empty(), Ocsp.SOFT))),
                Optional.of(new ClientIdPattern(".*")));
        try (TestBroker broker = wanted(Revocation.NONE)
                        .access(access)
                        .limits(connectTimeout(Duration.ofSeconds(50)))
                        .start();
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient bob = overTcp(broker, "device", "bob");
            Mqtt5BlockingClient carl = overTcp(broker, "other", "carl");
            bob.connect();
            carl.connect();
            CompletableFuture<Mqtt5ConnAck> ann;
            try (ServerSocket silent = silent()) {
                ann = withPassword(overTls(broker, "device", "good"), "ann")
                        .toAsync()
                        .connect();
                try (Socket asked = silent.accept()) {
                    assertThat(asked.isConnected()).isTrue();
                    Files.writeString(passwords, "bob:" + hash + "\n");
                    await().until(() -> !carl.getState().isConnected());
                }
            }
            assertThat(ann)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withCauseInstanceOf(Mqtt5ConnAckException.class)
                    .withMessageContaining("NOT_AUTHORIZED");
            bob.publishWith().topic("t").qos(MqttQos.AT_LEAST_ONCE).send();
            assertThat(reader.read(1)).hasSize(1);
            bob.disconnect();
        }
    }

    private static boolean isAsking() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().equals("sluice-revocation"))
                .flatMap(thread -> Arrays.stream(thread.getValue()))
                .anyMatch(frame -> frame.getClassName().endsWith(".OCSP"));
    }
}
