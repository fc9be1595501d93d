package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import io.sluice.LoggedEvents;
import io.sluice.broker.door.ConnectionLimits;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.file.HangingFile;
import io.sluice.tls.FollowedStore;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import io.sluice.tls.TlsConfig.Secret;
import io.sluice.tls.TlsConfig.Store;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TlsTest {

    private static final int MORE_THAN_EVENT_LOOPS = 4 * Runtime.getRuntime().availableProcessors();

    @TempDir
    static Path dir;

    private static TestKeys keys;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = new TestKeys(dir);
        keys.make("broker");
        keys.make("renewed");
        keys.make("device");
        keys.make("stranger");
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
            assertThat(reader.read(1).get(0).message().certificateName()).contains("device");
            device.disconnect();

            assertThatThrownBy(client(broker, Listener.Transport.SSL, Optional.empty())::connect)
                    .isNotNull();
            assertThatThrownBy(client(broker, Listener.Transport.SSL, Optional.of("stranger"))::connect)
                    .isNotNull();
        }
    }

    @Test
    void a_renewed_certificate_is_shown_to_those_who_connect_after_it_was_written() throws Exception {
        Path shown = dir.resolve("changing.p12");
        Files.copy(keys.file("broker"), shown);
        try (TestBroker broker = start(shown, ClientAuth.NONE)) {
            assertThat(subjectShownBy(broker)).isEqualTo("CN=broker");
            Files.copy(keys.file("renewed"), shown, StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(shown, FileTime.fromMillis(System.currentTimeMillis() + 10_000));
            await().until(() -> subjectShownBy(broker).equals("CN=renewed"));
            try (LoggedEvents logged = LoggedEvents.since(FollowedStore.class.getName())) {
                Files.writeString(shown, "broken");
                Files.setLastModifiedTime(shown, FileTime.fromMillis(System.currentTimeMillis() + 20_000));
                await().until(() -> logged.lines().stream().anyMatch(line -> line.contains(shown.toString())));
            }
            assertThat(subjectShownBy(broker)).isEqualTo("CN=renewed");
        }
    }

    @Test
    void a_key_store_on_a_disk_that_hangs_holds_up_no_handshake_and_no_other_client() throws Exception {
        Path shown = Files.copy(keys.file("broker"), dir.resolve("hanging.p12"));
        ExecutorService executor = Executors.newSingleThreadExecutor();
        List<Peer> others = new ArrayList<>();
        try (TestBroker broker = start(shown, ClientAuth.NONE);
                TestBroker.Reader reader = broker.attach("#")) {
            for (int i = 0; i < MORE_THAN_EVENT_LOOPS; i++) {
                others.add(new Peer(socket(broker, "TLSv1.3")).connect(Mqtt.V5.connect("other-" + i)));
            }
            try (HangingFile hanging = new HangingFile(shown)) {
                Future<String> handshake = executor.submit(() -> subjectShownBy(broker));
                await().until(hanging::isRead);

                for (Peer other : others) {
                    other.send(Mqtt.V5.publish("t", 1, 1, "x"));
                    assertThat(other.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
                }
                assertThat(reader.read(MORE_THAN_EVENT_LOOPS)).hasSize(MORE_THAN_EVENT_LOOPS);
                assertThat(handshake.get(10, TimeUnit.SECONDS)).isEqualTo("CN=broker");
                assertThat(subjectShownBy(broker)).isEqualTo("CN=broker");
            }
        } finally {
            executor.shutdownNow();
            for (Peer other : others) {
                other.close();
            }
        }
    }

    /** A handshake costs the broker a hundred times what it costs the client (CVE-2011-1473). */
    @Test
    void a_client_of_tls_1_2_that_renegotiates_is_closed_and_others_are_served() throws Exception {
        try (TestBroker broker = start(ClientAuth.NONE);
                TestBroker.Reader reader = broker.attach("#");
                SSLSocket attacking = socket(broker, "TLSv1.2");
                SSLSocket other = socket(broker, "TLSv1.2")) {
            Peer peer = new Peer(attacking).connect(Mqtt.V5.connect("attacker"));
            Peer bystander = new Peer(other).connect(Mqtt.V5.connect("other"));
            attacking.startHandshake();
            assertThat(peer.isClosedWithin(Duration.ofSeconds(3))).isTrue();
            bystander.send(Mqtt.V5.publish("t", 1, 1, "x"));
            assertThat(bystander.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
            assertThat(reader.read(1)).hasSize(1);
            assertThat(broker.broker().stats().door().closedConnections()).isEqualTo(1);
        }
    }

    @Test
    void strangers_make_way_for_devices_whether_their_handshake_is_done_or_not() throws Exception {
        int most = 4;
        List<Peer> strangers = new ArrayList<>();
        List<Peer> devices = new ArrayList<>();
        try (TestBroker broker = wanted(keys.file("broker"), ClientAuth.NONE)
                .connectTimeout(Duration.ofMinutes(1))
                .connectionLimits(new ConnectionLimits(most, most))
                .start()) {
            for (int i = 0; i < most / 2; i++) {
                strangers.add(Peer.at(broker.port(Listener.Transport.SSL)));
                SSLSocket silent = socket(broker, "TLSv1.3");
                strangers.add(new Peer(silent));
                silent.startHandshake();
            }
            for (int i = 0; i < most; i++) {
                String clientId = "device-" + i;
                await().ignoreExceptions()
                        .until(() ->
                                devices.add(new Peer(socket(broker, "TLSv1.3")).connect(Mqtt.V5.connect(clientId))));
            }

            for (Peer stranger : strangers) {
                assertThat(stranger.isClosedWithin(Duration.ofSeconds(3))).isTrue();
            }
            for (Peer device : devices) {
                device.send(Mqtt.V5.publish("t", 1, 1, "x"));
                assertThat(device.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
            }
        } finally {
            strangers.forEach(Peer::close);
            devices.forEach(Peer::close);
        }
    }

    private static SSLSocket socket(TestBroker broker, String protocol) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, keys.trusting("broker", "renewed").getTrustManagers(), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), broker.port(Listener.Transport.SSL));
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    @Test
    void a_store_that_cannot_be_used_is_said_in_one_sentence_without_its_password() {
        Store wrong = new Store(keys.file("broker"), "PKCS12", new Secret("wrong-password"));
        TlsConfig tls = new TlsConfig(wrong, Optional.empty(), Optional.empty(), ClientAuth.NONE);
        assertThatThrownBy(() -> new TestBroker.Wanted()
                        .listeners("ssl://127.0.0.1:0")
                        .tls(tls)
                        .start())
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("PKCS12 store " + keys.file("broker"))
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
        return start(keys.file("broker"), clientAuth);
    }

    private static TestBroker start(Path shown, ClientAuth clientAuth) {
        return wanted(shown, clientAuth).start();
    }

    private static TestBroker.Wanted wanted(Path shown, ClientAuth clientAuth) {
        return new TestBroker.Wanted()
                .listeners("ssl://127.0.0.1:0", "wss://127.0.0.1:0")
                .tls(new TlsConfig(
                        TestKeys.store(shown), Optional.empty(), Optional.of(keys.store("device")), clientAuth));
    }

    private static Mqtt5BlockingClient client(TestBroker broker, Listener.Transport transport, Optional<String> shown)
            throws Exception {
        var ssl = MqttClientSslConfig.builder()
                .trustManagerFactory(keys.trusting("broker", "renewed"))
                .hostnameVerifier((host, session) -> true);
        if (shown.isPresent()) {
            ssl = ssl.keyManagerFactory(keys.showing(shown.get()));
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

    private static String subjectShownBy(TestBroker broker) throws Exception {
        try (SSLSocket socket = socket(broker, "TLSv1.3")) {
            X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return shown.getSubjectX500Principal().getName();
        }
    }
}
