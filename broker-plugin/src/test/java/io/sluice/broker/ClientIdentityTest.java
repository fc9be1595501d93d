package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import io.sluice.broker.RealClient.Library;
import io.sluice.broker.RealClient.Publication;
import io.sluice.broker.RealClient.Settings;
import io.sluice.broker.RealClient.Trust;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.access.CertificateNames.Source;
import io.sluice.broker.access.ClientIdPattern;
import io.sluice.broker.access.PrincipalRules;
import io.sluice.broker.door.transport.Listener.Transport;
import io.sluice.message.Message;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who a client is, and which client identifiers it may take. */
class ClientIdentityTest {

    private static final int BAD_USER_NAME_OR_PASSWORD_3 = 4;
    private static final int IDENTIFIER_REJECTED_3 = 2;
    private static final int CLIENT_IDENTIFIER_NOT_VALID = 0x85;
    private static final int BAD_USER_NAME_OR_PASSWORD = 0x86;

    @TempDir
    private static Path dir;

    private static TestKeys keys = new TestKeys(Path.of(""));
    private static Path passwords = Path.of("");

    @BeforeAll
    static void make() throws Exception {
        keys = new TestKeys(dir);
        keys.make("broker");
        keys.make("device");
        String hash = BCrypt.withDefaults().hashToString(4, "secret".toCharArray());
        passwords = Files.writeString(dir.resolve("passwords"), "ann:" + hash + "\nbob:" + hash + "\n");
    }

    private static TestBroker withPasswords(Optional<ClientIdPattern> pattern, boolean anonymous) {
        return new TestBroker.Wanted()
                .access(new AccessConfig(
                        anonymous,
                        Optional.of(passwords),
                        Optional.empty(),
                        CertificateNames.NONE,
                        Optional.empty(),
                        Optional.empty(),
                        pattern))
                .start();
    }

    private static Mqtt5BlockingClient client(TestBroker broker, String id, String user) {
        return MqttClient.builder()
                .useMqttVersion5()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(broker.port())
                .simpleAuth()
                .username(user)
                .password("secret".getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
    }

    private static Mqtt5BlockingClient keeping(Mqtt5BlockingClient client) {
        client.connectWith().cleanStart(false).sessionExpiryInterval(600).send();
        return client;
    }

    @Test
    void a_session_belongs_to_the_user_who_made_it() throws Exception {
        try (TestBroker broker = withPasswords(Optional.empty(), false)) {
            Mqtt5BlockingClient ann = keeping(client(broker, "device", "ann"));

            assertThatThrownBy(client(broker, "device", "bob")::connect)
                    .as("while she is here")
                    .hasMessageContaining("CLIENT_IDENTIFIER_NOT_VALID");
            assertThat(ann.getState().isConnected()).isTrue();
            ann.disconnect();
            assertThatThrownBy(client(broker, "device", "bob")::connect)
                    .as("while she is away")
                    .hasMessageContaining("CLIENT_IDENTIFIER_NOT_VALID");
            org.eclipse.paho.client.mqttv3.MqttClient paho = new org.eclipse.paho.client.mqttv3.MqttClient(
                    "tcp://127.0.0.1:" + broker.port(), "device", new MemoryPersistence());
            MqttConnectOptions options = new MqttConnectOptions();
            options.setUserName("bob");
            options.setPassword("secret".toCharArray());
            assertThatThrownBy(() -> paho.connect(options))
                    .isInstanceOfSatisfying(
                            MqttException.class,
                            e -> assertThat(e.getReasonCode())
                                    .isEqualTo((int) MqttException.REASON_CODE_INVALID_CLIENT_ID));
            paho.close();

            Mqtt5BlockingClient again = client(broker, "device", "ann");
            assertThat(again.connectWith().cleanStart(false).send().isSessionPresent())
                    .isTrue();
            again.disconnect();
            await().until(() -> broker.broker().stats().door().sessions() == 0);
            client(broker, "device", "bob").connect();
        }
    }

    @Test
    void a_session_belongs_to_its_user_also_when_the_broker_is_started_again(@TempDir Path buffer) throws Exception {
        AccessConfig access = new AccessConfig(
                false,
                Optional.of(passwords),
                Optional.empty(),
                CertificateNames.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        try (TestBroker broker = new TestBroker.Wanted()
                .access(access)
                .buffer(TestBroker.disk(buffer))
                .start()) {
            keeping(client(broker, "device", "ann")).disconnect();
        }
        try (TestBroker broker = new TestBroker.Wanted()
                .access(access)
                .buffer(TestBroker.disk(buffer))
                .start()) {
            assertThatThrownBy(client(broker, "device", "bob")::connect)
                    .hasMessageContaining("CLIENT_IDENTIFIER_NOT_VALID");
            keeping(client(broker, "device", "ann")).disconnect();
        }
    }

    @Test
    void a_session_without_a_user_is_taken_by_the_first_who_has_one() throws Exception {
        try (TestBroker broker = withPasswords(Optional.empty(), true)) {
            Mqtt5BlockingClient anonymous = keeping(MqttClient.builder()
                    .useMqttVersion5()
                    .identifier("device")
                    .serverHost("127.0.0.1")
                    .serverPort(broker.port())
                    .buildBlocking());
            anonymous.disconnect();
            Mqtt5BlockingClient ann = keeping(client(broker, "device", "ann"));
            assertThatThrownBy(anonymous::connect).hasMessageContaining("CLIENT_IDENTIFIER_NOT_VALID");
            assertThatThrownBy(client(broker, "device", "bob")::connect)
                    .hasMessageContaining("CLIENT_IDENTIFIER_NOT_VALID");
            ann.disconnect();
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void a_pattern_says_which_identifiers_a_user_may_take_and_then_sessions_have_no_owner(Library library)
            throws Exception {
        try (TestBroker broker = withPasswords(Optional.of(new ClientIdPattern("{username}-.*|shared")), false);
                RealClient ann = library.open(as(broker, "ann-1", "ann"));
                RealClient bob = library.open(as(broker, "ann-1", "bob"));
                RealClient annShares = library.open(as(broker, "shared", "ann"));
                RealClient bobShares = library.open(as(broker, "shared", "bob"))) {
            ann.connect();
            ann.disconnect();
            assertThat(bob.refusal(catchThrowable(bob::connect)))
                    .isEqualTo(library.speaksMqtt5() ? CLIENT_IDENTIFIER_NOT_VALID : IDENTIFIER_REJECTED_3);
            annShares.connect();
            annShares.disconnect();
            assertThat(bobShares.connect()).as("it is the same session").isTrue();
        }
    }

    private static Settings as(TestBroker broker, String id, String user) {
        return Settings.of(broker, id).withUser(user, "secret").withLastingSession();
    }

    private static TestBroker withCertificates(CertificateNames names, ClientAuth clientAuth) {
        return new TestBroker.Wanted()
                .listeners("tcp://127.0.0.1:0", "ssl://127.0.0.1:0")
                .tls(new TlsConfig(
                        keys.store("broker"), Optional.empty(), Optional.of(keys.store("device")), clientAuth))
                .access(new AccessConfig(
                        false,
                        Optional.of(passwords),
                        Optional.empty(),
                        names,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()))
                .start();
    }

    private static Mqtt5BlockingClient withCertificate(TestBroker broker, Optional<String> user) throws Exception {
        Mqtt5ClientBuilder builder = MqttClient.builder()
                .useMqttVersion5()
                .identifier("c")
                .serverHost("127.0.0.1")
                .serverPort(broker.port(Transport.SSL))
                .sslConfig(MqttClientSslConfig.builder()
                        .trustManagerFactory(keys.trusting("broker"))
                        .hostnameVerifier((host, session) -> true)
                        .keyManagerFactory(keys.showing("device"))
                        .build());
        user.ifPresent(name -> builder.simpleAuth()
                .username(name)
                .password("secret".getBytes(UTF_8))
                .applySimpleAuth());
        return builder.buildBlocking();
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void a_certificate_says_who_its_device_is_and_nobody_else_may_be_claimed(Library library) throws Exception {
        CertificateNames names = new CertificateNames(Source.SUBJECT, PrincipalRules.of("RULE:^CN=(.*)$/plant-$1/U"));
        try (TestBroker broker = withCertificates(names, ClientAuth.REQUIRED);
                TestBroker.Reader reader = broker.attach("#")) {
            Settings shown = Settings.of(broker, "c")
                    .over(
                            Transport.SSL,
                            broker.port(Transport.SSL),
                            Trust.of(keys.trusting("broker")).showing(keys.showing("device")));
            try (RealClient device = library.open(shown)) {
                device.connect();
                device.publish(Publication.of("t", "x", 1));
                Message captured = reader.read(1).get(0).message();
                assertThat(captured.username()).contains("PLANT-DEVICE");
                device.disconnect();
            }
            try (RealClient claiming = library.open(shown.withUser("ann", "secret"))) {
                assertThat(claiming.refusal(catchThrowable(claiming::connect)))
                        .isEqualTo(library.speaksMqtt5() ? BAD_USER_NAME_OR_PASSWORD : BAD_USER_NAME_OR_PASSWORD_3);
            }
            try (RealClient itself = library.open(shown.withUser("PLANT-DEVICE", "secret"))) {
                itself.connect();
            }
        }
    }

    @Test
    void a_certificate_that_names_nobody_lets_nobody_in() throws Exception {
        CertificateNames names = new CertificateNames(Source.SAN_EMAIL, PrincipalRules.DEFAULT);
        try (TestBroker broker = withCertificates(names, ClientAuth.REQUIRED)) {
            assertThatThrownBy(withCertificate(broker, Optional.of("ann"))::connect)
                    .hasMessageContaining("NOT_AUTHORIZED");
        }
    }

    @Test
    void every_name_of_a_certificate_can_be_the_user() throws Exception, IOException {
        try (TestBroker broker = withCertificates(
                        new CertificateNames(Source.SAN_DNS, PrincipalRules.DEFAULT), ClientAuth.REQUESTED);
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient device = withCertificate(broker, Optional.empty());
            device.connect();
            device.publishWith().topic("t").qos(MqttQos.AT_LEAST_ONCE).send();
            assertThat(reader.read(1).get(0).message().username()).contains("localhost");
            device.disconnect();
        }
        try (TestBroker broker = withCertificates(
                        new CertificateNames(Source.CN, PrincipalRules.DEFAULT), ClientAuth.REQUESTED);
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient device = withCertificate(broker, Optional.empty());
            device.connect();
            device.publishWith().topic("t").qos(MqttQos.AT_LEAST_ONCE).send();
            assertThat(reader.read(1).get(0).message().username()).contains("device");
            device.disconnect();
        }
    }
}
