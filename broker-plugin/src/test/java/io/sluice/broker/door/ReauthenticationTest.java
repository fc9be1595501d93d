package io.sluice.broker.door;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.moquette.broker.security.PermitAllAuthorizatorPolicy;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalChannel;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.sluice.broker.TestBroker;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.AccessControl;
import io.sluice.broker.access.AccessGrant;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.access.JwtConfig;
import io.sluice.broker.access.RenewableGrant;
import io.sluice.broker.door.client.Client;
import io.sluice.broker.door.publish.UnreleasedIds;
import io.sluice.broker.packet.Reason;
import io.sluice.broker.session.SessionLimits;
import io.sluice.broker.session.SessionStore;
import io.sluice.buffer.BufferConfig;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New tokens of a client whose farewell, DISCONNECT, has been written and has not left yet. */
class ReauthenticationTest {

    private static final String METHOD = "OAUTH2-JWT";
    private static final byte RE_AUTHENTICATE = 0x19;

    private final SharedBuffer buffer = SharedBuffer.open(
            new BufferConfig(Optional.empty(), 4 << 20, Overflow.BLOCK, 1 << 20, Duration.ZERO, Duration.ofDays(1)));
    private final SessionStore store = SessionStore.open(Optional.empty(), SessionLimits.DEFAULT);
    private final EventLoop eventLoop = new DefaultEventLoop();
    private final LocalChannel channel = new LocalChannel();
    private final List<MqttMessage> answers = new CopyOnWriteArrayList<>();
    private final AtomicBoolean isOpen = new AtomicBoolean(true);
    private final AtomicInteger decided = new AtomicInteger();
    private final List<Reason> refusals = new CopyOnWriteArrayList<>();

    private ECKey key;
    private AccessControl access;
    private FrontDoor door;
    private Reauthentication reauthentication;

    @BeforeEach
    void open(@TempDir Path dir) throws Exception {
        key = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        Path keys = Files.writeString(dir.resolve("jwks.json"), new JWKSet(key).toString(true));
        JwtConfig tokens = new JwtConfig(
                new JwtConfig.Keys(keys.toString()),
                Optional.empty(),
                Optional.empty(),
                "sub",
                Optional.empty(),
                Optional.empty());
        access = AccessControl.of(
                new AccessConfig(
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        CertificateNames.NONE,
                        Optional.of(tokens),
                        Optional.empty(),
                        Optional.empty()),
                new PermitAllAuthorizatorPolicy());
        door = FrontDoor.open(TestBroker.doorConfig(access), buffer, store, new UnreleasedIds(buffer));
        channel.pipeline().addLast(new Answers(), new ChannelInboundHandlerAdapter());
        eventLoop.register(channel).sync();
        reauthentication = new Reauthentication(
                channel.pipeline().lastContext(),
                door.parts,
                new Client(
                        "device",
                        false,
                        Optional.of("ann"),
                        5,
                        false,
                        0,
                        60,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                        Optional.empty(),
                        Optional.of(METHOD),
                        new RenewableGrant(AccessGrant.ALWAYS)),
                () -> {
                    decided.incrementAndGet();
                    return isOpen.get();
                },
                (reason, why) -> refusals.add(reason));
    }

    /** Keeps what is written: there is no client. */
    private final class Answers extends ChannelOutboundHandlerAdapter {

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            answers.add((MqttMessage) message);
            promise.setSuccess();
        }
    }

    @AfterEach
    void close() {
        door.close();
        access.close();
        store.close();
        buffer.close();
        eventLoop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private String token(String user) throws Exception {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder()
                        .subject(user)
                        .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                        .build());
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }

    /** Shows a token, and waits until what it leads to has been done. */
    private void show(String token) throws Exception {
        MqttProperties properties = new MqttProperties();
        properties.add(new StringProperty(MqttPropertyType.AUTHENTICATION_METHOD.value(), METHOD));
        properties.add(new BinaryProperty(MqttPropertyType.AUTHENTICATION_DATA.value(), token.getBytes(US_ASCII)));
        MqttMessage auth = new MqttMessage(
                new MqttFixedHeader(MqttMessageType.AUTH, false, MqttQoS.AT_MOST_ONCE, false, 0),
                new MqttReasonCodeAndPropertiesVariableHeader(RE_AUTHENTICATE, properties));
        int before = decided.get();
        eventLoop.submit(() -> reauthentication.authenticate(auth)).sync();
        await().until(() -> decided.get() > before);
        eventLoop.submit(() -> {}).sync();
    }

    @Test
    void a_token_that_is_decided_behind_a_disconnect_is_neither_answered_nor_refused() throws Exception {
        show(token("ann"));
        assertThat(answers)
                .extracting(answer -> answer.fixedHeader().messageType())
                .containsExactly(MqttMessageType.AUTH);

        isOpen.set(false);
        show(token("ann"));
        show(token("bob"));

        assertThat(answers).hasSize(1);
        assertThat(refusals).isEmpty();
    }
}
