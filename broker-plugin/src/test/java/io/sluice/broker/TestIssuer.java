package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.door.transport.Listener;
import io.sluice.tls.CertificateCheck;
import io.sluice.tls.Revocation;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/** An issuer of certificates, its devices {@code good} and {@code stolen}, and brokers that ask whether it has revoked one. */
final class TestIssuer {

    private final TestKeys keys;

    TestIssuer(Path dir, ResponderPort responder) throws GeneralSecurityException, IOException {
        keys = new TestKeys(dir);
        keys.make("broker");
        keys.make("issuer", "EC", TestKeys.AUTHORITY);
        keys.issue("good", "issuer", responder.extension());
        keys.issue("stolen", "issuer", responder.extension());
    }

    TestKeys keys() {
        return keys;
    }

    BigInteger serial(String name) throws GeneralSecurityException, IOException {
        return keys.certificate(name).getSerialNumber();
    }

    /** A list in which a device's certificate is revoked (CRL). */
    byte[] listOf(String name) throws Exception {
        return keys.revocationListPem("issuer", serial(name));
    }

    CertificateCheck check(Revocation revocation) {
        return new CertificateCheck(keys.store("issuer"), revocation);
    }

    TestBroker start(Revocation revocation) {
        return wanted(revocation).start();
    }

    TestBroker.Wanted wanted(Revocation revocation) {
        return new TestBroker.Wanted()
                .listeners("ssl://127.0.0.1:0", "tcp://127.0.0.1:0")
                .access(new AccessConfig(
                        true,
                        Optional.empty(),
                        Optional.empty(),
                        CertificateNames.NONE,
                        Optional.empty(),
                        Optional.of(check(revocation)),
                        Optional.empty()))
                .tls(new TlsConfig(
                        keys.store("broker"),
                        Optional.empty(),
                        Optional.of(keys.store("issuer")),
                        ClientAuth.REQUIRED));
    }

    Mqtt5BlockingClient device(TestBroker broker, String name) throws Exception {
        return overTls(broker, name, name).buildBlocking();
    }

    Mqtt5ClientBuilder overTls(TestBroker broker, String id, String certificate) throws Exception {
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

    static Mqtt5BlockingClient withPassword(Mqtt5ClientBuilder client, String user) {
        return client.simpleAuth()
                .username(user)
                .password("secret".getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
    }

    static Mqtt5BlockingClient overTcp(TestBroker broker, String id, String user) {
        return withPassword(
                MqttClient.builder()
                        .useMqttVersion5()
                        .identifier(id)
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port()),
                user);
    }

    void assertMayConnect(TestBroker broker, String name) throws Exception {
        Mqtt5BlockingClient device = device(broker, name);
        device.connect();
        device.disconnect();
    }

    void assertMayNotConnect(TestBroker broker, String name) throws Exception {
        assertThatThrownBy(device(broker, name)::connect)
                .isInstanceOfSatisfying(
                        Mqtt5ConnAckException.class,
                        refused -> assertThat(refused.getMqttMessage().getReasonCode())
                                .isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED));
    }

    /** Shows the certificate of {@code good}. */
    SSLSocketFactory tls() throws Exception {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.showing("good").getKeyManagers(), keys.trusting("broker").getTrustManagers(), null);
        return tls.getSocketFactory();
    }
}
