package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.access.JwtConfig;
import io.sluice.broker.door.BrokerLimits;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens in place of passwords. */
class JwtLoginTest {

    private static final Duration SKEW = Duration.ofSeconds(30);

    private static final ECKey KEY = key("one");
    private static final ECKey NEXT_KEY = key("two");

    @TempDir
    private Path dir;

    private final List<Mqtt5DisconnectReasonCode> reasons = new CopyOnWriteArrayList<>();

    private static ECKey key(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String token(ECKey key, UnaryOperator<JWTClaimsSet.Builder> claims) throws Exception {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
                claims.apply(claims()).build());
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }

    /** A token with claims that no builder makes. */
    private static String signed(String claims) throws Exception {
        JWSObject token = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(KEY.getKeyID()).build(), new Payload(claims));
        token.sign(new ECDSASigner(KEY));
        return token.serialize();
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .subject("ann")
                .issuer("https://issuer")
                .audience("mqtt")
                .expirationTime(Date.from(Instant.now().plusSeconds(600)));
    }

    private Path file(ECKey... keys) throws Exception {
        return Files.writeString(dir.resolve("jwks.json"), new JWKSet(List.of(keys)).toString(true));
    }

    private static TestBroker start(String keys, Optional<Path> acl) {
        return wanted(keys, acl).start();
    }

    private static TestBroker.Wanted wanted(String keys, Optional<Path> acl) {
        JwtConfig tokens = new JwtConfig(
                new JwtConfig.Keys(keys),
                Optional.of("https://issuer"),
                Optional.of("mqtt"),
                "sub",
                Optional.of("pub"),
                Optional.of("subs"));
        return new TestBroker.Wanted()
                .access(new AccessConfig(
                        false,
                        Optional.empty(),
                        acl,
                        CertificateNames.NONE,
                        Optional.of(tokens),
                        Optional.empty(),
                        Optional.empty()));
    }

    private Mqtt5BlockingClient client(TestBroker broker, String token) {
        return MqttClient.builder()
                .useMqttVersion5()
                .identifier("device")
                .serverHost("127.0.0.1")
                .serverPort(broker.port())
                .addDisconnectedListener(context -> {
                    if (context.getCause() instanceof Mqtt5DisconnectException told) {
                        reasons.add(told.getMqttMessage().getReasonCode());
                    }
                })
                .simpleAuth()
                .password(token.getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
    }

    private static JWTClaimsSet.Builder mayAll(JWTClaimsSet.Builder claims) {
        return claims.claim("pub", List.of("#")).claim("subs", List.of("#"));
    }

    @Test
    void a_token_says_who_its_holder_is_and_what_it_may() throws Exception {
        Path acl = Files.writeString(dir.resolve("acl"), "topic t/#\n");
        try (TestBroker broker = start(file(KEY).toString(), Optional.of(acl));
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient ann = client(
                    broker,
                    token(
                            KEY,
                            c -> c.claim("pub", List.of("t/+/data", "other/#")).claim("subs", List.of("t/1/#"))));
            ann.connect();
            ann.publishWith().topic("t/1/data").qos(MqttQos.AT_LEAST_ONCE).send();
            assertThat(reader.read(1).get(0).message().username()).contains("ann");
            for (String denied : List.of("t/1/other", "other/1")) {
                assertThatThrownBy(() -> ann.publishWith()
                                .topic(denied)
                                .qos(MqttQos.AT_LEAST_ONCE)
                                .send())
                        .as(denied)
                        .isInstanceOf(Mqtt5PubAckException.class);
            }
            ann.subscribeWith().topicFilter("t/1/cmd").send();
            assertThatThrownBy(() -> ann.subscribeWith().topicFilter("t/#").send())
                    .isInstanceOf(Mqtt5SubAckException.class);
            ann.disconnect();

            org.eclipse.paho.client.mqttv3.MqttClient paho = new org.eclipse.paho.client.mqttv3.MqttClient(
                    "tcp://127.0.0.1:" + broker.port(), "paho", new MemoryPersistence());
            MqttConnectOptions options = new MqttConnectOptions();
            options.setUserName("ann");
            options.setPassword(token(KEY, JwtLoginTest::mayAll).toCharArray());
            paho.connect(options);
            paho.publish("t/paho", new byte[0], 1, false);
            assertThat(reader.read(1).get(0).message().clientId()).isEqualTo("paho");
            paho.disconnect();
            paho.close();
        }
    }

    @Test
    void a_token_that_does_not_count_lets_nobody_in() throws Exception {
        PlainJWT unsigned = new PlainJWT(claims().build());
        SignedJWT withPublicKeyAsSecret = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("one").build(), claims().build());
        withPublicKeyAsSecret.sign(new MACSigner(KEY.toPublicJWK().toString().getBytes(UTF_8)));
        String good = token(KEY, c -> c);
        List<String> bad = List.of(
                token(KEY, c -> c.issuer("https://other")),
                token(KEY, c -> c.audience("http")),
                token(KEY, c -> c.expirationTime(Date.from(Instant.now().minus(SKEW.multipliedBy(2))))),
                token(KEY, c -> c.expirationTime(null)),
                token(KEY, c -> c.notBeforeTime(Date.from(Instant.now().plus(SKEW.multipliedBy(2))))),
                token(KEY, c -> c.subject(null)),
                token(KEY, c -> c.subject("")),
                signed(claims().build().toString().replace("\"ann\"", "null")),
                signed(claims().build().toString().replace("\"ann\"", "[\"ann\"]")),
                token(KEY, c -> c.claim("pub", "no list")),
                token(key("one"), c -> c),
                token(NEXT_KEY, c -> c),
                unsigned.serialize(),
                withPublicKeyAsSecret.serialize(),
                good.substring(0, good.length() - 8) + "AAAAAAAA",
                "eyJ..",
                "no token");
        try (TestBroker broker = start(file(KEY).toString(), Optional.empty())) {
            for (String token : bad) {
                assertThatThrownBy(client(broker, token)::connect)
                        .as(token)
                        .hasMessageMatching(".*(BAD_USER_NAME_OR_PASSWORD|NOT_AUTHORIZED).*");
            }
            client(broker, good).connect();
        }
    }

    @Test
    void a_device_is_disconnected_when_its_token_expires() throws Exception {
        try (TestBroker broker = start(file(KEY).toString(), Optional.empty())) {
            Instant end = connectUntilSoon(broker);

            await().atMost(Duration.between(Instant.now(), end).plusSeconds(10))
                    .untilAsserted(() -> assertThat(reasons).containsExactly(Mqtt5DisconnectReasonCode.NOT_AUTHORIZED));
            assertThat(Instant.now()).isAfterOrEqualTo(end);
        }
    }

    /** Connects with a token that lasts hardly longer than this takes, and says when it ends. */
    private Instant connectUntilSoon(TestBroker broker) throws Exception {
        for (int seconds = 2; ; seconds *= 2) {
            Instant end = Instant.now().plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS);
            String token = token(KEY, c -> c.expirationTime(Date.from(end.minus(SKEW))));
            try {
                client(broker, token).connect();
                return end;
            } catch (Mqtt5ConnAckException expired) {
                assertThat(Instant.now()).isAfterOrEqualTo(end);
            }
        }
    }

    @Test
    void keys_in_a_file_may_change_while_the_broker_runs() throws Exception {
        try (TestBroker broker = start(file(KEY).toString(), Optional.empty())) {
            file(NEXT_KEY);
            await().ignoreExceptions()
                    .untilAsserted(() -> client(broker, token(NEXT_KEY, JwtLoginTest::mayAll))
                            .connect());
            assertThatThrownBy(client(broker, token(KEY, JwtLoginTest::mayAll))::connect)
                    .hasMessageContaining("BAD_USER_NAME_OR_PASSWORD");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{\"keys\":[null]}", "[]", ""})
    void a_file_that_holds_no_keys_is_named(String text) throws Exception {
        Path keys = Files.writeString(dir.resolve("jwks.json"), text);
        assertThatThrownBy(() -> start(keys.toString(), Optional.empty()))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("The JWK set " + keys + " cannot be understood: ")
                .hasMessageNotContaining("null");
    }

    @Test
    void keys_behind_a_url_are_fetched_once_and_again_for_a_key_that_is_new() throws Exception {
        AtomicInteger fetched = new AtomicInteger();
        List<ECKey> keys = new CopyOnWriteArrayList<>(List.of(KEY));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/jwks", exchange -> {
            fetched.incrementAndGet();
            byte[] body = new JWKSet(List.copyOf(keys)).toString(true).getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/jwks";
        try (TestBroker broker = start(url, Optional.empty());
                TestBroker.Reader reader = broker.attach("#")) {
            for (int i = 0; i < 3; i++) {
                Mqtt5BlockingClient ann = client(broker, token(KEY, JwtLoginTest::mayAll));
                ann.connect();
                ann.publishWith().topic("t").qos(MqttQos.AT_LEAST_ONCE).send();
                ann.disconnect();
            }
            assertThat(reader.read(3)).hasSize(3);
            assertThat(fetched).hasValue(1);

            keys.add(NEXT_KEY);
            client(broker, token(NEXT_KEY, JwtLoginTest::mayAll)).connect();
            assertThat(fetched).hasValue(2);
        } finally {
            server.stop(0);
        }
        try (TestBroker broker = start(url, Optional.empty())) {
            assertThatThrownBy(client(broker, token(KEY, JwtLoginTest::mayAll))::connect)
                    .hasMessageContaining("SERVER_UNAVAILABLE");
        }
    }

    @Test
    void a_login_that_is_not_decided_in_time_is_refused_and_its_connection_closed() throws Exception {
        CountDownLatch isOver = new CountDownLatch(1);
        HttpServer silent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        silent.createContext("/jwks", exchange -> {
            try {
                isOver.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        silent.start();
        String url = "http://127.0.0.1:" + silent.getAddress().getPort() + "/jwks";
        BrokerLimits usual = TestBroker.USUAL_LIMITS;
        BrokerLimits hasty = new BrokerLimits(
                usual.connections(),
                Duration.ofSeconds(1),
                usual.stallTimeout(),
                usual.maxKeepAlive(),
                usual.queues(),
                usual.rates(),
                usual.sessions());
        String token = token(KEY, JwtLoginTest::mayAll);
        try (TestBroker broker = wanted(url, Optional.empty()).limits(hasty).start();
                Peer peer = Peer.at(broker.port())) {
            long begun = System.nanoTime();
            peer.send(Mqtt.V5
                    .connectHead(0xC2, 60)
                    .u8(0)
                    .text("device")
                    .text("ann")
                    .text(token)
                    .packet(0x10));
            assertThat(peer.next(Mqtt.CONNACK).body()[1] & 0xFF)
                    .as("server busy")
                    .isEqualTo(0x89);
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(20));
            assertThat(peer.isClosedWithin(Duration.ofSeconds(2))).isTrue();
            isOver.countDown();
        } finally {
            isOver.countDown();
            silent.stop(0);
        }
    }

    @Test
    void a_subscription_that_another_token_gave_ends_with_a_token_that_does_not() throws Exception {
        try (TestBroker broker = start(file(KEY).toString(), Optional.empty())) {
            Mqtt5BlockingClient wide = client(broker, token(KEY, JwtLoginTest::mayAll));
            wide.connectWith().cleanStart(false).sessionExpiryInterval(600).send();
            wide.subscribeWith().topicFilter("a/#").qos(MqttQos.AT_LEAST_ONCE).send();
            wide.subscribeWith().topicFilter("b/#").qos(MqttQos.AT_LEAST_ONCE).send();
            wide.disconnect();
            Mqtt5BlockingClient narrow =
                    client(broker, token(KEY, c -> c.claim("pub", List.of("#")).claim("subs", List.of("b/#"))));
            try (Mqtt5BlockingClient.Mqtt5Publishes heard = narrow.publishes(MqttGlobalPublishFilter.ALL)) {
                narrow.connectWith()
                        .cleanStart(false)
                        .sessionExpiryInterval(600)
                        .send();
                narrow.publishWith().topic("a/1").qos(MqttQos.AT_LEAST_ONCE).send();
                narrow.publishWith().topic("b/1").qos(MqttQos.AT_LEAST_ONCE).send();
                assertThat(heard.receive().getTopic()).hasToString("b/1");
            }
            narrow.disconnect();
        }
    }
}
