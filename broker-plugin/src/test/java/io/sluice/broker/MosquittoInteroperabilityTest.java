package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.sluice.broker.door.transport.Listener;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.message.UserProperty;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line tools that come with Mosquitto, where they are installed. */
class MosquittoInteroperabilityTest {

    @TempDir
    private Path dir;

    @BeforeAll
    static void skipUnlessInstalled() {
        MosquittoTool.assumeInstalled("mosquitto_pub", "mosquitto_sub", "mosquitto_rr");
    }

    @ParameterizedTest
    @CsvSource({
        "mqttv31, 0", "mqttv31, 1", "mqttv31, 2",
        "mqttv311, 0", "mqttv311, 1", "mqttv311, 2",
        "mqttv5, 0", "mqttv5, 1", "mqttv5, 2"
    })
    void mosquitto_pub_publishes_in_every_version_at_every_qos(String version, int qos) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            Path lines = Files.write(dir.resolve("lines"), List.of("one", "two", "three"));
            MosquittoTool.run(
                    broker.port(),
                    lines,
                    "mosquitto_pub",
                    ("-V " + version + " -i tool -q " + qos + " -t lines -l").split(" "));
            List<StoredMessage> captured = reader.read(3);
            assertThat(captured).extracting(stored -> text(stored.message())).containsExactly("one", "two", "three");
            assertThat(captured).allSatisfy(stored -> {
                assertThat(stored.message().clientId()).isEqualTo("tool");
                assertThat(stored.message().qos().level()).isEqualTo(qos);
            });
        }
    }

    @Test
    void properties_that_mosquitto_pub_sends_are_captured_whole() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            MosquittoTool.run(
                    broker.port(),
                    "mosquitto_pub",
                    ("-V mqttv5 -q 1 -r -t t -m {} -D PUBLISH content-type application/json -D PUBLISH response-topic r"
                                    + " -D PUBLISH correlation-data 42 -D PUBLISH message-expiry-interval 3600"
                                    + " -D PUBLISH payload-format-indicator 1 -D PUBLISH user-property a 1"
                                    + " -D PUBLISH user-property b 2 -D PUBLISH user-property a 3")
                            .split(" "));
            Message message = reader.read(1).get(0).message();
            assertThat(message.retained()).isTrue();
            assertThat(message.properties().contentType()).contains("application/json");
            assertThat(message.properties().responseTopic()).contains("r");
            assertThat(message.properties().correlationData()).contains(ByteBuffer.wrap("42".getBytes(UTF_8)));
            assertThat(message.properties().messageExpirySeconds()).isEqualTo(OptionalLong.of(3_600));
            assertThat(message.properties().payloadIsUtf8()).isTrue();
            assertThat(message.properties().userProperties())
                    .containsExactly(
                            new UserProperty("a", "1"), new UserProperty("b", "2"), new UserProperty("a", "3"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv311", "mqttv5"})
    void mosquitto_sub_receives_what_is_retained_and_what_is_published(String version) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            MosquittoTool.run(broker.port(), "mosquitto_pub", "-q", "1", "-r", "-t", "state/door", "-m", "open");
            try (MosquittoTool subscriber = MosquittoTool.start(
                    broker.port(),
                    "mosquitto_sub",
                    ("-V " + version + " -q 2 -t state/# -C 3 -W 30 -F %r-%q-%t-%p").split(" "))) {
                // Retained messages are seen by whoever comes when: they tell that it is there.
                awaitSubscriber(broker);
                MosquittoTool.run(broker.port(), "mosquitto_pub", "-q", "2", "-t", "state/lamp", "-m", "on");
                MosquittoTool.run(broker.port(), "mosquitto_pub", "-q", "0", "-t", "state/lamp", "-m", "off");
                assertThat(subscriber.output().lines())
                        .containsExactly("1-1-state/door-open", "0-2-state/lamp-on", "0-0-state/lamp-off");
                assertThat(subscriber.exitCode()).isZero();
            }
            assertThat(reader.read(3)).hasSize(3);
        }
    }

    private static void awaitSubscriber(TestBroker broker) {
        await().until(() -> broker.broker().stats().door().connectedClients() == 1);
    }

    @Test
    void the_will_of_a_mosquitto_sub_that_is_killed_is_captured() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            try (MosquittoTool willing = MosquittoTool.start(
                    broker.port(),
                    "mosquitto_sub",
                    "-V mqttv5 -i willing -t x --will-topic status --will-payload gone --will-qos 1".split(" "))) {
                awaitSubscriber(broker);
                assertThat(willing.process().isAlive()).isTrue();
            }
            Message will = reader.read(1).get(0).message();
            assertThat(will.kind()).isEqualTo(MessageKind.WILL);
            assertThat(will.clientId()).isEqualTo("willing");
            assertThat(text(will)).isEqualTo("gone");
        }
    }

    @Test
    void mosquitto_rr_gets_its_answer() throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5AsyncClient service = Mqtt5Client.builder()
                    .identifier("service")
                    .serverHost("127.0.0.1")
                    .serverPort(broker.port())
                    .buildAsync();
            service.connect().get(10, TimeUnit.SECONDS);
            service.publishes(
                    MqttGlobalPublishFilter.SUBSCRIBED,
                    request -> service.publishWith()
                            .topic(request.getResponseTopic().orElseThrow())
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .correlationData(request.getCorrelationData().orElse(null))
                            .payload("pong".getBytes(UTF_8))
                            .send());
            service.subscribeWith().topicFilter("ping").send().get(10, TimeUnit.SECONDS);
            try (MosquittoTool asker = MosquittoTool.start(
                    broker.port(), "mosquitto_rr", "-V mqttv5 -q 1 -t ping -e pong/1 -m ping -W 30".split(" "))) {
                assertThat(asker.output().strip()).isEqualTo("pong");
                assertThat(asker.exitCode()).isZero();
            }
            assertThat(reader.read(2))
                    .extracting(stored -> stored.message().topic())
                    .containsExactly("ping", "pong/1");
            service.disconnect().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void mosquitto_pub_says_why_it_was_refused() throws Exception {
        Path acl = Files.writeString(dir.resolve("acl"), "topic write open/#\n");
        Path passwords = Files.writeString(
                dir.resolve("passwords"), "ann:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\n");
        try (TestBroker broker = new TestBroker.Wanted()
                        .aclFile(acl)
                        .passwordFile(passwords)
                        .start();
                TestBroker.Reader reader = broker.attach("#")) {
            try (MosquittoTool tool = MosquittoTool.start(
                    broker.port(), "mosquitto_pub", "-V mqttv5 -u ann -P secret -q 1 -t closed -m x".split(" "))) {
                assertThat(tool.output()).contains("Not authorized");
            }
            try (MosquittoTool tool = MosquittoTool.start(
                    broker.port(), "mosquitto_pub", "-V mqttv5 -u ann -P guess -q 1 -t open/x -m x".split(" "))) {
                assertThat(tool.output()).containsIgnoringCase("bad user name or password");
                assertThat(tool.exitCode()).isNotZero();
            }
            MosquittoTool.run(
                    broker.port(), "mosquitto_pub", "-V mqttv5 -u ann -P secret -q 1 -t open/x -m x".split(" "));
            assertThat(reader.read(1))
                    .extracting(stored -> stored.message().topic())
                    .containsExactly("open/x");
            assertThat(reader.next(1, Duration.ofMillis(100))).isEmpty();
        }
    }

    @Test
    void mosquitto_pub_publishes_over_tls() throws Exception {
        TestKeys keys = new TestKeys(dir);
        keys.make("broker");
        Path trusted = Files.writeString(dir.resolve("broker.pem"), keys.certificatePem("broker"));
        try (TestBroker broker = new TestBroker.Wanted()
                        .listeners("ssl://127.0.0.1:0")
                        .tls(new TlsConfig(keys.store("broker"), Optional.empty(), Optional.empty(), ClientAuth.NONE))
                        .start();
                TestBroker.Reader reader = broker.attach("#")) {
            MosquittoTool.run(
                    broker.port(Listener.Transport.SSL),
                    "mosquitto_pub",
                    "--cafile",
                    trusted.toString(),
                    "-q",
                    "2",
                    "-t",
                    "t",
                    "-m",
                    "x");
            assertThat(reader.read(1)).hasSize(1);
        }
    }

    private static String text(Message message) {
        return UTF_8.decode(message.payload().duplicate()).toString();
    }
}
