package io.sluice.broker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.buffer.record.StoredMessage;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker that closes in an orderly way, as when a worker restarts, and opens again. */
class ReopenedBrokerTest {

    private static final int MESSAGES = 20;

    @TempDir
    private Path dir;

    private int port;
    private TestBroker broker;
    private TestBroker.Reader reader;

    @BeforeEach
    void start() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        open();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private void open() {
        broker = new TestBroker.Wanted()
                .listeners("tcp://127.0.0.1:" + port)
                .buffer(TestBroker.disk(dir))
                .start();
        reader = broker.attach("#");
    }

    @Test
    void a_shared_subscription_that_has_an_identifier_is_there_again() throws Exception {
        byte[] connect = Mqtt.V5.connectPersistent("member");
        Bytes identifier = Bytes.of(0x0B, 7);
        try (Peer member = Peer.at(port).connect(connect)) {
            member.send(new Bytes()
                    .u16(1)
                    .properties(identifier)
                    .text("$share/group/t")
                    .u8(1)
                    .packet(0x82));
            assertThat(member.next(Mqtt.SUBACK).body()).endsWith(1);
        }
        broker.close();
        open();
        try (Peer publisher = Peer.connected(port, Mqtt.V5, "publisher")) {
            publisher.send(Mqtt.V5.publish("t", 1, 1, "m"));
            publisher.next(Mqtt.PUBACK);
        }
        try (Peer member = Peer.at(port).connect(connect)) {
            assertThat(member.next(Mqtt.PUBLISH).body()).containsSequence(identifier.array());
        }
    }

    @Test
    void a_session_that_lasts_goes_on_and_what_was_not_acknowledged_is_captured_once() throws Exception {
        Mqtt3AsyncClient three = Mqtt3Client.builder()
                .identifier("three")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .automaticReconnect()
                .initialDelay(20, TimeUnit.MILLISECONDS)
                .maxDelay(200, TimeUnit.MILLISECONDS)
                .applyAutomaticReconnect()
                .buildAsync();
        Mqtt5AsyncClient five = Mqtt5Client.builder()
                .identifier("five")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .automaticReconnect()
                .initialDelay(20, TimeUnit.MILLISECONDS)
                .maxDelay(200, TimeUnit.MILLISECONDS)
                .applyAutomaticReconnect()
                .buildAsync();
        three.connectWith().cleanSession(false).send().get(10, TimeUnit.SECONDS);
        five.connectWith().cleanStart(false).sessionExpiryInterval(3_600).send().get(10, TimeUnit.SECONDS);
        reader.close(); // nobody drains: acknowledgements are withheld
        List<CompletableFuture<?>> published = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            published.add(three.publishWith()
                    .topic("t")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload(("three " + i).getBytes(UTF_8))
                    .send());
            published.add(five.publishWith()
                    .topic("t")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload(("five " + i).getBytes(UTF_8))
                    .send());
        }
        await().untilAsserted(() ->
                assertThat(broker.broker().buffer().stats().appended()).isEqualTo(2 * MESSAGES));
        assertThat(published).noneMatch(CompletableFuture::isDone);

        broker.close();
        open();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(published).allSatisfy(one -> assertThat(one).isCompleted()));
        List<StoredMessage> captured = reader.read(2 * MESSAGES);
        captured.addAll(reader.next(1, Duration.ofMillis(200)));
        assertThat(captured)
                .extracting(stored ->
                        UTF_8.decode(stored.message().payload().duplicate()).toString())
                .hasSize(2 * MESSAGES)
                .doesNotHaveDuplicates();
        three.disconnect().join();
        five.disconnect().join();
    }

    /** MQTT 5, section 3.3.2.3. */
    private static Bytes allProperties() {
        return Bytes.of(1, 1)
                .raw(Bytes.of(2).u32(100_000))
                .raw(Bytes.of(3).text("text/plain"))
                .raw(Bytes.of(8).text("answers"))
                .raw(Bytes.of(9).text("corr"))
                .raw(Bytes.of(0x26).text("a").text("1"))
                .raw(Bytes.of(0x26).text("").text(""));
    }

    /** Client identifiers, some of which Moquette's store takes for names of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"x", "x_meta", "queue_x_meta", "sessions", "../x", "a/b", "#", "$SYS", " "})
    void retained_and_waiting_messages_are_there_again_with_all_their_properties(String clientId) throws Exception {
        try (Peer subscriber = Peer.at(port)) {
            subscriber.connect(Mqtt.V5.connectPersistent(clientId));
            subscriber.send(Mqtt.V5.subscribe(1, 1, "t"));
            subscriber.next(Mqtt.SUBACK);
            subscriber.send(Mqtt.disconnect());
            assertThat(subscriber.isClosedWithin(Duration.ofSeconds(5))).isTrue();
        }
        try (Peer publisher = Peer.connected(port, Mqtt.V5, "publisher")) {
            for (String topic : List.of("t", "kept")) {
                int qos1AndRetain = topic.equals("kept") ? 3 : 2;
                publisher.send(Mqtt.V5.publish(topic, qos1AndRetain, 1, allProperties(), "m".getBytes(UTF_8)));
                publisher.next(Mqtt.PUBACK);
            }
        }

        broker.close();
        open();

        try (Peer subscriber = Peer.at(port)) {
            subscriber.send(Mqtt.V5.connectPersistent(clientId));
            assertThat(subscriber.next(Mqtt.CONNACK).body()[0])
                    .as("session present")
                    .isEqualTo((byte) 1);
            assertCarriesAll(subscriber.next(Mqtt.PUBLISH));
            subscriber.send(Mqtt.V5.subscribe(2, 0, "kept"));
            assertCarriesAll(subscriber.next(Mqtt.PUBLISH));
        }
    }

    private static void assertCarriesAll(Peer.Received publish) {
        assertThat(new String(publish.body(), ISO_8859_1))
                .contains("text/plain", "answers", "corr", "&\0\1a\0\0011", "&\0\0\0\0")
                .endsWith("m");
    }

    @Test
    void what_waits_for_a_subscriber_that_is_away_waits_on() {
        Mqtt3BlockingClient subscriber = Mqtt3Client.builder()
                .identifier("subscriber")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildBlocking();
        subscriber.connectWith().cleanSession(false).send();
        subscriber.subscribeWith().topicFilter("t").qos(MqttQos.AT_LEAST_ONCE).send();
        subscriber.disconnect();
        Mqtt3BlockingClient publisher = Mqtt3Client.builder()
                .identifier("publisher")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildBlocking();
        publisher.connect();
        publisher
                .publishWith()
                .topic("t")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("1".getBytes(UTF_8))
                .send();
        publisher.disconnect();

        broker.close();
        open();

        List<String> received = new ArrayList<>();
        subscriber.toAsync().publishes(MqttGlobalPublishFilter.ALL, publish -> {
            synchronized (received) {
                received.add(new String(publish.getPayloadAsBytes(), UTF_8));
            }
        });
        assertThat(subscriber.connectWith().cleanSession(false).send().isSessionPresent())
                .isTrue();
        await().untilAsserted(() -> {
            synchronized (received) {
                assertThat(received).containsExactly("1");
            }
        });
        subscriber.disconnect();
    }
}
