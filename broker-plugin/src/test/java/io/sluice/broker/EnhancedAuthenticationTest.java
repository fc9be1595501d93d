package io.sluice.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.datatypes.MqttUtf8String;
import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientConfig;
import com.hivemq.client.mqtt.mqtt5.auth.Mqtt5EnhancedAuthMechanism;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5Auth;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5AuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5EnhancedAuthBuilder;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.access.JwtConfig;
import io.sluice.broker.door.BrokerLimits;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens in enhanced authentication (MQTT 5 section 4.12). */
class EnhancedAuthenticationTest {

    private static final String METHOD = "OAUTH2-JWT";
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final int AUTH = 15;
    private static final int SUCCESS = 0x00;
    private static final int RE_AUTHENTICATE = 0x19;
    private static final int PROTOCOL_ERROR = 0x82;
    private static final int BAD_USER_NAME_OR_PASSWORD = 0x86;
    private static final int NOT_AUTHORIZED = 0x87;
    private static final int SERVER_BUSY = 0x89;
    private static final int BAD_AUTHENTICATION_METHOD = 0x8C;

    @TempDir
    private static Path dir;

    private static ECKey key;
    private static Path keys;

    @BeforeAll
    static void makeKeys() throws Exception {
        key = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        keys = Files.writeString(dir.resolve("jwks.json"), new JWKSet(key).toString(true));
    }

    private static TestBroker start() {
        return wanted(keys.toString()).start();
    }

    private static TestBroker.Wanted wanted(String jwks) {
        JwtConfig tokens = new JwtConfig(
                new JwtConfig.Keys(jwks),
                Optional.empty(),
                Optional.empty(),
                "sub",
                Optional.of("pub"),
                Optional.empty());
        return new TestBroker.Wanted()
                .access(new AccessConfig(
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        CertificateNames.NONE,
                        Optional.of(tokens),
                        Optional.empty(),
                        Optional.empty()));
    }

    private static String token(String user, Duration lasting, String... topics) throws Exception {
        return token(key, user, lasting, topics);
    }

    private static String token(ECKey signing, String user, Duration lasting, String... topics) throws Exception {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .subject(user)
                .claim("pub", List.of(topics))
                .expirationTime(Date.from(Instant.now().minus(SKEW).plus(lasting)))
                .build();
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .keyID(signing.getKeyID())
                        .build(),
                claims);
        token.sign(new ECDSASigner(signing));
        return token.serialize();
    }

    /** HiveMQ's client shows a token when it connects, and whatever it has then when it is told to. */
    private record Shows(AtomicReference<String> token) implements Mqtt5EnhancedAuthMechanism {

        @Override
        public MqttUtf8String getMethod() {
            return MqttUtf8String.of(METHOD);
        }

        @Override
        public int getTimeout() {
            return 10;
        }

        @Override
        public CompletableFuture<Void> onAuth(
                Mqtt5ClientConfig config, Mqtt5Connect connect, Mqtt5EnhancedAuthBuilder auth) {
            auth.data(token.get().getBytes(US_ASCII));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> onReAuth(Mqtt5ClientConfig config, Mqtt5AuthBuilder auth) {
            auth.data(token.get().getBytes(US_ASCII));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Boolean> onContinue(Mqtt5ClientConfig config, Mqtt5Auth auth, Mqtt5AuthBuilder next) {
            return CompletableFuture.completedFuture(false);
        }

        @Override
        public CompletableFuture<Boolean> onAuthSuccess(Mqtt5ClientConfig config, Mqtt5ConnAck connAck) {
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public CompletableFuture<Boolean> onReAuthSuccess(Mqtt5ClientConfig config, Mqtt5Auth auth) {
            return CompletableFuture.completedFuture(true);
        }

        @Override
        public void onAuthRejected(Mqtt5ClientConfig config, Mqtt5ConnAck connAck) {}

        @Override
        public void onReAuthRejected(Mqtt5ClientConfig config, Mqtt5Disconnect disconnect) {}

        @Override
        public void onAuthError(Mqtt5ClientConfig config, Throwable cause) {}

        @Override
        public void onReAuthError(Mqtt5ClientConfig config, Throwable cause) {}
    }

    private static Mqtt5BlockingClient client(TestBroker broker, AtomicReference<String> token) {
        return MqttClient.builder()
                .useMqttVersion5()
                .identifier("device")
                .serverHost("127.0.0.1")
                .serverPort(broker.port())
                .enhancedAuth(new Shows(token))
                .buildBlocking();
    }

    private static byte[] connect(String clientId, String method, String token) {
        Bytes properties = Bytes.of(0x15).text(method).u8(0x16).text(token);
        return Mqtt.V5.connect(clientId, Mqtt.CLEAN, properties);
    }

    private static byte[] auth(int reason, String method, String token) {
        return new Bytes()
                .u8(reason)
                .properties(Bytes.of(0x15).text(method).u8(0x16).text(token))
                .packet(0xF0);
    }

    private static int reason(Peer peer) throws IOException {
        return peer.next(Mqtt.DISCONNECTED).body()[0] & 0xFF;
    }

    @Test
    void a_device_that_shows_a_new_token_in_time_stays_beyond_the_expiry_of_the_first() throws Exception {
        try (TestBroker broker = start();
                TestBroker.Reader reader = broker.attach("#")) {
            AtomicReference<String> token = new AtomicReference<>(token("ann", Duration.ofMinutes(10), "a"));
            Mqtt5BlockingClient ann = client(broker, token);
            ann.connect();
            ann.publishWith().topic("a").qos(MqttQos.AT_LEAST_ONCE).send();
            assertThat(reader.read(1).get(0).message().username()).contains("ann");
            assertThatThrownBy(() -> ann.publishWith()
                            .topic("b")
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .send())
                    .isInstanceOf(Mqtt5PubAckException.class);

            ann.disconnect();
            Instant end = renewInTime(ann, token);

            ann.publishWith().topic("b").qos(MqttQos.AT_LEAST_ONCE).send();
            assertThatThrownBy(() -> ann.publishWith()
                            .topic("a")
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .send())
                    .as("what the first token allowed")
                    .isInstanceOf(Mqtt5PubAckException.class);
            await().atMost(Duration.between(Instant.now(), end).plusSeconds(10))
                    .until(() -> Instant.now().isAfter(end.plusMillis(500)));
            assertThat(ann.getState().isConnected()).isTrue();
            ann.publishWith().topic("b").qos(MqttQos.AT_LEAST_ONCE).send();
            assertThat(reader.read(2)).hasSize(2);
            ann.disconnect();
        }
    }

    /**
     * Connects with a token for one topic that lasts hardly longer than this takes, shows one for another topic that lasts,
     * and says when the first ends.
     */
    private static Instant renewInTime(Mqtt5BlockingClient client, AtomicReference<String> token) throws Exception {
        String lasting = token("ann", Duration.ofMinutes(10), "b");
        for (int seconds = 2; ; seconds *= 2) {
            Instant end = Instant.now().plusSeconds(seconds);
            try {
                token.set(token("ann", Duration.ofSeconds(seconds), "a"));
                client.connect();
                token.set(lasting);
                client.reauth();
                return end;
            } catch (Mqtt5ConnAckException | Mqtt5DisconnectException | MqttClientStateException expired) {
                assertThat(Instant.now().plusSeconds(1)).isAfter(end);
            }
        }
    }

    @Test
    void a_method_that_the_broker_does_not_know_leaves_the_session_as_it_is() throws Exception {
        try (TestBroker broker = start();
                Peer ann = Peer.at(broker.port())) {
            String token = token("ann", Duration.ofMinutes(10), "#");
            ann.connect(connect("device", METHOD, token));
            try (Peer other = Peer.at(broker.port())) {
                other.send(connect("device", "SCRAM-SHA-256", token));
                assertThat(other.next(Mqtt.CONNACK).body()[1] & 0xFF).isEqualTo(BAD_AUTHENTICATION_METHOD);
            }
            ann.send(Mqtt.V5.publish("t", 1, 1, "x"));
            assertThat(ann.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
        }
        try (TestBroker withoutTokens = TestBroker.start();
                Peer peer = Peer.at(withoutTokens.port())) {
            peer.send(connect("device", METHOD, "any"));
            assertThat(peer.next(Mqtt.CONNACK).body()[1] & 0xFF).isEqualTo(BAD_AUTHENTICATION_METHOD);
        }
    }

    @Test
    void the_answer_names_the_method_and_a_token_that_does_not_count_lets_nobody_in() throws Exception {
        try (TestBroker broker = start();
                Peer ann = Peer.at(broker.port());
                Peer expired = Peer.at(broker.port());
                Peer silent = Peer.at(broker.port())) {
            ann.send(connect("ann", METHOD, token("ann", Duration.ofMinutes(10), "#")));
            Peer.Received connack = ann.next(Mqtt.CONNACK);
            assertThat(connack.body()[1]).isZero();
            assertThat(new String(connack.body(), US_ASCII)).contains(METHOD);

            expired.send(connect("expired", METHOD, token("ann", Duration.ofMinutes(-5), "#")));
            assertThat(expired.next(Mqtt.CONNACK).body()[1] & 0xFF).isEqualTo(BAD_USER_NAME_OR_PASSWORD);
            silent.send(Mqtt.V5.connect("silent", Mqtt.CLEAN, Bytes.of(0x15).text(METHOD)));
            assertThat(silent.next(Mqtt.CONNACK).body()[1] & 0xFF).isEqualTo(BAD_USER_NAME_OR_PASSWORD);
        }
    }

    @Test
    void a_new_token_is_taken_while_publishes_go_on_and_one_that_does_not_count_ends_the_connection() throws Exception {
        try (TestBroker broker = start();
                TestBroker.Reader reader = broker.attach("#");
                Peer ann = Peer.at(broker.port())) {
            String good = token("ann", Duration.ofMinutes(10), "#");
            ann.connect(connect("ann", METHOD, good));
            ann.send(
                    Mqtt.V5.publish("t", 1, 1, "x"),
                    auth(RE_AUTHENTICATE, METHOD, good),
                    Mqtt.V5.publish("t", 1, 2, "y"));
            Peer.Received renewed = ann.next(AUTH);
            assertThat(renewed.body()[0] & 0xFF).isEqualTo(SUCCESS);
            assertThat(new String(renewed.body(), US_ASCII)).contains(METHOD);
            assertThat(reader.read(2)).hasSize(2);

            for (String bad : List.of(token("bob", Duration.ofMinutes(10), "#"), "no token", "")) {
                try (Peer other = Peer.at(broker.port())) {
                    other.connect(connect("other", METHOD, good));
                    other.send(auth(RE_AUTHENTICATE, METHOD, bad));
                    assertThat(reason(other)).as(bad).isEqualTo(NOT_AUTHORIZED);
                    assertThat(other.isClosedWithin(Duration.ofSeconds(2))).isTrue();
                }
            }
        }
    }

    @Test
    void a_new_token_that_is_not_decided_in_time_ends_the_connection_and_nothing_follows_its_disconnect()
            throws Exception {
        byte[] known = Files.readAllBytes(keys);
        String good = token("ann", Duration.ofMinutes(10), "#");
        AtomicBoolean isSilent = new AtomicBoolean();
        CountDownLatch isOver = new CountDownLatch(1);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool();
        server.setExecutor(threads);
        server.createContext("/jwks", exchange -> {
            if (isSilent.get()) {
                hold(isOver);
            }
            exchange.sendResponseHeaders(200, known.length);
            exchange.getResponseBody().write(known);
            exchange.close();
        });
        server.start();
        BrokerLimits usual = TestBroker.USUAL_LIMITS;
        BrokerLimits hasty = new BrokerLimits(
                usual.connections(),
                Duration.ofSeconds(2),
                usual.stallTimeout(),
                usual.maxKeepAlive(),
                usual.queues(),
                usual.rates(),
                usual.sessions());
        try (TestBroker broker = wanted(
                                "http://127.0.0.1:" + server.getAddress().getPort() + "/jwks")
                        .limits(hasty)
                        .start();
                Peer ann = connectedAtLast(broker, good)) {
            isSilent.set(true);
            ECKey stranger = new ECKeyGenerator(Curve.P_256).keyID("stranger").generate();
            String ofStranger = token(stranger, "ann", Duration.ofMinutes(10), "#");
            long begun = System.nanoTime();
            ann.send(auth(RE_AUTHENTICATE, METHOD, ofStranger));
            assertThat(reason(ann)).isEqualTo(SERVER_BUSY);
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));

            ann.trySend(auth(RE_AUTHENTICATE, METHOD, good));
            isOver.countDown();
            assertThatThrownBy(() -> ann.next(Duration.ofSeconds(2))).isInstanceOf(EOFException.class);
        } finally {
            isOver.countDown();
            server.stop(0);
            threads.shutdown();
        }
    }

    /** The first login may not be decided in time: the broker has to fetch the keys. */
    private static Peer connectedAtLast(TestBroker broker, String token) {
        return await().ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> Peer.at(broker.port()).connect(connect("ann", METHOD, token)), peer -> true);
    }

    private static void hold(CountDownLatch isOver) {
        try {
            isOver.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void an_auth_that_is_not_in_order_is_a_protocol_error() throws Exception {
        try (TestBroker broker = start()) {
            String good = token("ann", Duration.ofMinutes(10), "#");
            List<byte[]> wrong = List.of(
                    auth(RE_AUTHENTICATE, "SCRAM-SHA-256", good),
                    auth(0x18, METHOD, good),
                    auth(0x00, METHOD, good),
                    auth(0x83, METHOD, good),
                    new Bytes().packet(0xF0),
                    new Bytes()
                            .u8(RE_AUTHENTICATE)
                            .properties(Bytes.of(0x16).text(good))
                            .packet(0xF0));
            for (byte[] auth : wrong) {
                try (Peer ann = Peer.at(broker.port())) {
                    ann.connect(connect("ann", METHOD, good));
                    ann.send(auth);
                    assertThat(reason(ann)).isEqualTo(PROTOCOL_ERROR);
                }
            }
            try (Peer withPassword = Peer.at(broker.port())) {
                withPassword.connect(Mqtt.V5
                        .connectHead(0xC2, 60)
                        .u8(0)
                        .text("other")
                        .text("ann")
                        .text(good)
                        .packet(0x10));
                withPassword.send(auth(RE_AUTHENTICATE, METHOD, good));
                assertThat(reason(withPassword)).as("no method was agreed upon").isEqualTo(PROTOCOL_ERROR);
            }
        }
    }
}
