package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import io.sluice.broker.access.AccessConfig;
import io.sluice.broker.access.CertificateNames;
import io.sluice.broker.access.ClientIdPattern;
import io.sluice.broker.door.BrokerLimits;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.tls.Revocation;
import io.sluice.tls.Revocation.Ocsp;
import java.io.IOException;
import java.math.BigInteger;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates whose responder is asked (OCSP), which may answer, be absent or say nothing. */
@Timeout(60)
class ResponderTest {

    @TempDir
    private static Path dir;

    private static ResponderPort port;
    private static TestIssuer issuer;

    @BeforeAll
    static void makeKeys() throws Exception {
        port = new ResponderPort();
        issuer = new TestIssuer(dir, port);
    }

    @AfterAll
    static void free() throws IOException {
        port.close();
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
                        hexadecimal(issuer.serial("good")),
                        end,
                        hexadecimal(issuer.serial(revoked))));
        Path certificate =
                Files.writeString(dir.resolve("issuer.pem"), issuer.keys().certificatePem("issuer"));
        Path key = Files.writeString(dir.resolve("issuer.key"), issuer.keys().keyPem("issuer"));
        Path log = dir.resolve("responder.log");
        Process responder = new ProcessBuilder(
                        openssl.toString(),
                        "ocsp",
                        "-index",
                        index.toString(),
                        "-port",
                        Integer.toString(port.number()),
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
        try (TestBroker required = issuer.start(new Revocation(Optional.empty(), Ocsp.REQUIRED));
                TestBroker soft = issuer.start(new Revocation(Optional.empty(), Ocsp.SOFT))) {
            issuer.assertMayNotConnect(required, "good");
            issuer.assertMayConnect(soft, "good");
            issuer.assertMayConnect(soft, "stolen");
            Process responder = respond("stolen");
            try {
                issuer.assertMayConnect(required, "good");
                issuer.assertMayNotConnect(required, "stolen");
                issuer.assertMayConnect(soft, "good");
                issuer.assertMayNotConnect(soft, "stolen");
            } finally {
                responder.destroy();
                responder.waitFor();
            }
        }
    }

    @Test
    void the_responder_is_asked_where_the_lists_say_nothing() throws Exception {
        Path list = Files.write(dir.resolve("with-responder.crl"), issuer.listOf("stolen"));
        try (TestBroker both = issuer.start(new Revocation(Optional.of(list), Ocsp.REQUIRED))) {
            issuer.assertMayConnect(both, "good");
            issuer.assertMayNotConnect(both, "stolen");
        }
    }

    /** A responder that takes a connection and says nothing. */
    @Test
    void a_device_of_whose_certificate_nobody_speaks_is_told_that_the_broker_is_busy_and_holds_up_nobody()
            throws Exception {
        try (TestBroker broker = issuer.wanted(new Revocation(Optional.empty(), Ocsp.REQUIRED))
                        .limits(connectTimeout(Duration.ofSeconds(3)))
                        .start();
                ServerSocket silent = port.silent()) {
            CompletableFuture<Mqtt5ConnAck> waiting =
                    issuer.device(broker, "good").toAsync().connect();
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
        BrokerLimits usual = TestBroker.USUAL_LIMITS;
        return new BrokerLimits(
                usual.connections(),
                timeout,
                usual.stallTimeout(),
                usual.maxKeepAlive(),
                usual.queues(),
                usual.rates(),
                usual.sessions());
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
        try (TestBroker broker = issuer.start(new Revocation(Optional.empty(), Ocsp.REQUIRED));
                ServerSocket silent = port.silent()) {
            Socket leaving = issuer.tls().createSocket("127.0.0.1", broker.port(Listener.Transport.SSL));
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
                Optional.of(issuer.check(new Revocation(Optional.empty(), Ocsp.SOFT))),
                Optional.of(new ClientIdPattern(".*")));
        try (TestBroker broker = issuer.wanted(Revocation.NONE)
                        .access(access)
                        .limits(connectTimeout(Duration.ofSeconds(50)))
                        .start();
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient bob = TestIssuer.overTcp(broker, "device", "bob");
            Mqtt5BlockingClient carl = TestIssuer.overTcp(broker, "other", "carl");
            bob.connect();
            carl.connect();
            CompletableFuture<Mqtt5ConnAck> ann;
            try (ServerSocket silent = port.silent()) {
                ann = TestIssuer.withPassword(issuer.overTls(broker, "device", "good"), "ann")
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
