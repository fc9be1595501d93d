package io.sluice.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.door.ConnectionLimits;
import io.sluice.broker.door.transport.Listener;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.WebSocketPeer;
import io.sluice.message.ConnectionTopics;
import io.sluice.message.MessageKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where devices connect, and how many of them. */
class ListenersTest {

    @Test
    void a_broker_has_as_many_listeners_of_a_kind_as_it_is_told_each_on_its_host() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted()
                        .listeners("tcp://127.0.0.1:0", "tcp://127.0.0.2:0", "ws://127.0.0.1:0", "ws://127.0.0.1:0")
                        .start();
                TestBroker.Reader reader = broker.attach("#")) {
            List<Listener> listeners = broker.broker().listeners();
            assertThat(listeners)
                    .extracting(Listener::port)
                    .doesNotHaveDuplicates()
                    .hasSize(4);
            for (Listener listener : listeners.subList(0, 2)) {
                publish(new Socket(listener.host(), listener.port()), new byte[0], "t");
            }
            assertThat(reader.read(2)).hasSize(2);
        }
    }

    @Test
    void connections_beyond_the_limit_are_closed_and_others_stay() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted()
                .connectionLimits(new ConnectionLimits(4, 4))
                .start()) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(RawClient.connected(broker.port(), MqttVersion.MQTT_5, "client-" + i));
            }
            try (RawClient fifth = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
                assertThat(fifth.isClosedWithin(5_000)).isTrue();
            }
            assertThat(broker.broker().stats().door().turnedAway()).isEqualTo(1);
            for (RawClient client : clients) {
                client.send(RawClient.publish("t", 1, 1, "x"));
                assertThat(client.read(5_000)).isNotNull();
            }
            clients.remove(0).close();
            await().ignoreExceptions()
                    .untilAsserted(() -> RawClient.connected(broker.port(), MqttVersion.MQTT_5, "late")
                            .close());
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void connections_on_which_nobody_logs_in_make_way_for_others_when_the_limit_is_reached() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (TestBroker broker = new TestBroker.Wanted()
                        .connectTimeout(Duration.ofMinutes(1))
                        .connectionLimits(new ConnectionLimits(4, 4))
                        .start();
                RawClient before = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "before")) {
            for (int i = 0; i < 3; i++) {
                silent.add(new Socket(InetAddress.getLoopbackAddress(), broker.port()));
            }
            await().ignoreExceptions()
                    .untilAsserted(() -> RawClient.connected(broker.port(), MqttVersion.MQTT_5, "late")
                            .close());

            await().until(() -> silent.stream().anyMatch(ListenersTest::hasEnded));
            before.send(RawClient.publish("t", 1, 1, "x"));
            assertThat(before.read(5_000)).isNotNull();
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private static boolean hasEnded(Socket socket) {
        try {
            socket.setSoTimeout(100);
            return socket.getInputStream().read() < 0;
        } catch (IOException open) {
            return false;
        }
    }

    @Test
    void one_address_can_take_no_more_than_its_share_of_the_connections() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted()
                        .connectionLimits(new ConnectionLimits(100, 2))
                        .start();
                RawClient one = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "one");
                RawClient two = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "two");
                RawClient three = new RawClient(broker.port(), MqttVersion.MQTT_5);
                TestBroker.Reader reader = broker.attach("#")) {
            assertThat(three.isClosedWithin(5_000)).isTrue();
            Socket elsewhere = new Socket();
            elsewhere.bind(new InetSocketAddress("127.0.0.3", 0));
            elsewhere.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.port()));
            publish(elsewhere, new byte[0], "t");
            assertThat(reader.read(1)).hasSize(1);
            assertThat(one.isClosedWithin(1)).isFalse();
            assertThat(two.isClosedWithin(1)).isFalse();
        }
    }

    @Test
    void the_address_is_the_one_that_a_load_balancer_names() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted().proxyProtocol().start();
                TestBroker.Reader reader = broker.attach("#", ConnectionTopics.ALL.toString())) {
            publish(
                    new Socket(InetAddress.getLoopbackAddress(), broker.port()),
                    "PROXY TCP4 192.0.2.7 127.0.0.1 40000 1883\r\n".getBytes(US_ASCII),
                    "v1");
            publish(
                    new Socket(InetAddress.getLoopbackAddress(), broker.port()),
                    versionTwo(new byte[] {(byte) 192, 0, 2, 8}),
                    "v2");

            assertThat(reader.read(6))
                    .filteredOn(stored -> stored.message().kind() == MessageKind.CONNECTED)
                    .extracting(
                            stored -> UTF_8.decode(stored.message().payload()).toString())
                    .anyMatch(event -> event.contains("192.0.2.7:40000"))
                    .anyMatch(event -> event.contains("192.0.2.8:40000"));
        }
    }

    @Test
    void a_connection_without_the_header_of_the_proxy_protocol_is_closed() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted()
                        .proxyProtocol()
                        .connectTimeout(Duration.ofSeconds(1))
                        .start();
                RawClient client = new RawClient(broker.port(), MqttVersion.MQTT_5)) {
            client.send(client.connect("c", true));
            assertThat(client.isClosedWithin(5_000)).isTrue();
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> broker.broker().stats().door().turnedAway() == 1);
        }
    }

    private static byte[] versionTwo(byte[] source) throws IOException {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.write(new byte[] {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A});
        header.write(new byte[] {0x21, 0x11, 0, 12});
        header.write(source);
        header.write(new byte[] {127, 0, 0, 1});
        header.write(new byte[] {(byte) 0x9C, 0x40, 0x07, 0x5B});
        return header.toByteArray();
    }

    @Test
    void a_websocket_frame_that_is_wrong_costs_its_connection_and_is_counted() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted().start()) {
            int port = broker.port(Listener.Transport.WS);
            long closed = 0;
            for (byte[] wrong : List.of(
                    WebSocketPeer.frame(0x80 | WebSocketPeer.TEXT, true, Mqtt.pingreq()),
                    WebSocketPeer.frame(0x80 | WebSocketPeer.BINARY, false, Mqtt.pingreq()),
                    WebSocketPeer.frame(0x80 | 3, true, Mqtt.pingreq()))) {
                try (WebSocketPeer client = WebSocketPeer.connected(port, "client")) {
                    client.peer().send(wrong);
                    long expected = ++closed;
                    await().untilAsserted(() -> assertThat(
                                    broker.broker().stats().door().closedConnections())
                            .isEqualTo(expected));
                }
                await().until(() -> broker.broker().stats().door().connectedClients() == 0);
            }
        }
    }

    /** CONNECT, a publish of QoS 0 and DISCONNECT. */
    private static void publish(Socket socket, byte[] before, String topic) throws IOException {
        try (socket) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.write(before);
            all.write(Wire.connect("client-" + topic + socket.getLocalPort(), true));
            byte[] name = topic.getBytes(UTF_8);
            all.write(new byte[] {0x30, (byte) (2 + name.length), 0, (byte) name.length});
            all.write(name);
            all.write(new byte[] {(byte) 0xE0, 0});
            socket.getOutputStream().write(all.toByteArray());
            assertThat(socket.getInputStream().readNBytes(4)).as("CONNACK").hasSize(4);
        }
    }
}
