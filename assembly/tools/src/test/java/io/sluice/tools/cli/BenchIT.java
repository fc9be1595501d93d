package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import io.sluice.tools.mqtt.BrokerAddress;
import io.sluice.tools.mqtt.MqttDevice;
import io.sluice.tools.mqtt.MqttLogin;
import io.sluice.tools.mqtt.MqttMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Load on a real broker. */
@Timeout(60)
class BenchIT {

    @TempDir
    static Path home;

    private static LocalBroker broker;

    private Tool tool;

    @BeforeAll
    static void startBroker() {
        broker = new LocalBroker("bench", home.resolve("buffer"));
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void start() {
        tool = new Tool(home).with("SLUICE_BROKER", broker.address());
    }

    @Test
    void publishing_is_told_each_second_and_ends_with_percentiles() throws Exception {
        Tool.Ended ended = tool.run(
                "bench", "pub", "--clients", "20", "--rate", "1000", "--duration", "2s", "-t", "sensors", "-o", "json");

        JsonNode result = result(ended, 0);
        assertThat(result.path("begun").asInt()).isEqualTo(2_000);
        assertThat(result.path("done").asInt()).isEqualTo(2_000);
        assertThat(result.path("lost").asInt()).isZero();
        JsonNode times = result.path("milliseconds");
        assertThat(times.path("p50").asDouble())
                .isPositive()
                .isLessThanOrEqualTo(times.path("p99.9").asDouble());
        assertThat(times.path("max").asDouble())
                .isGreaterThanOrEqualTo(times.path("p99.9").asDouble());
        assertThat(ended.err().lines())
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(line -> line.contains("messages begun"));
    }

    @Test
    void sensors_that_sleep_connect_for_each_message_and_gateways_send_at_once() throws Exception {
        JsonNode sensors = result(
                tool.run(
                        "bench",
                        "pub",
                        "--fleet",
                        "sensors",
                        "--clients",
                        "10",
                        "--rate",
                        "50",
                        "--duration",
                        "1s",
                        "-o",
                        "json"),
                0);
        assertThat(sensors.path("done").asInt()).isEqualTo(50);

        JsonNode gateways = result(
                tool.run(
                        "bench",
                        "pub",
                        "--fleet",
                        "gateways",
                        "--clients",
                        "4",
                        "--rate",
                        "400",
                        "--duration",
                        "2s",
                        "-o",
                        "json"),
                0);
        assertThat(gateways.path("done").asInt()).isEqualTo(800);
    }

    @Test
    void edge_nodes_of_sparkplug_are_born_publish_by_alias_die_and_are_born_again() throws Exception {
        List<String> lives = new CopyOnWriteArrayList<>();
        URI address = URI.create(broker.address());
        Mqtt5AsyncClient host = Mqtt5Client.builder()
                .serverHost(address.getHost())
                .serverPort(address.getPort())
                .buildAsync();
        host.connect().get(10, TimeUnit.SECONDS);
        // One callback for both: the client runs several side by side.
        host.publishes(
                MqttGlobalPublishFilter.SUBSCRIBED,
                publish -> lives.add(publish.getTopic().getLevels().get(2)));
        for (String type : List.of("NBIRTH", "NDEATH")) {
            host.subscribeWith()
                    .topicFilter("spBv1.0/bench/" + type + "/node-1")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send()
                    .get(10, TimeUnit.SECONDS);
        }

        JsonNode result = result(
                tool.run(
                        "bench",
                        "pub",
                        "--fleet",
                        "sparkplug",
                        "--clients",
                        "2",
                        "--rate",
                        "400",
                        "--duration",
                        "2s",
                        "-o",
                        "json"),
                0);

        // 800 of data, and of each of two lives a birth of the edge node and of three devices
        assertThat(result.path("done").asInt()).isGreaterThanOrEqualTo(800 + 2 * 2 * 4);
        await().untilAsserted(() -> {
            assertThat(lives).hasSizeGreaterThanOrEqualTo(4).last().isEqualTo("NDEATH");
            for (int i = 0; i < lives.size(); i++) {
                assertThat(lives.get(i)).isEqualTo(i % 2 == 0 ? "NBIRTH" : "NDEATH");
            }
        });
        host.disconnect().get(10, TimeUnit.SECONDS);
    }

    @Test
    void bridges_come_with_a_backlog_of_many_clients() throws Exception {
        Set<String> topics = ConcurrentHashMap.newKeySet();
        MqttDevice subscriber = subscriber("bridges", message -> topics.add(message.topic()));

        JsonNode result = fleet("bridges", "--clients", "2", "--rate", "1000", "--duration", "2s", "-t", "bridges");

        assertThat(result.path("done").asInt()).isEqualTo(2_000);
        assertThat(result.path("connectionsLost").asInt()).isZero();
        await().atMost(10, TimeUnit.SECONDS).until(() -> topics.size() == 2 * 20);
        subscriber.disconnect().join();
    }

    @Test
    void links_that_break_in_the_middle_of_a_publish_lose_and_repeat_nothing_and_are_no_failure() throws Exception {
        AtomicInteger received = new AtomicInteger();
        MqttDevice subscriber = subscriber("flapping", message -> received.incrementAndGet());

        JsonNode result =
                fleet("flapping", "--clients", "4", "--rate", "400", "--duration", "4s", "-q", "2", "-t", "flapping");

        assertThat(result.path("done").asInt()).isEqualTo(1_600);
        assertThat(result.path("linksBroken").asInt()).isGreaterThanOrEqualTo(4);
        await().atMost(10, TimeUnit.SECONDS).until(() -> received.get() >= 1_600);
        subscriber.disconnect().join();
        assertThat(received).hasValue(1_600);
    }

    @Test
    void what_a_flapping_link_takes_with_it_at_qos_0_is_a_sentence() {
        Tool.Ended lossy = tool.run("bench", "pub", "--fleet", "flapping", "-q", "0");

        assertThat(lossy.exitCode()).isEqualTo(2);
        assertThat(lossy.err()).contains("--qos is 1 or 2 with --fleet flapping, not 0");
    }

    private static MqttDevice subscriber(String topic, Consumer<MqttMessage> messages) {
        MqttLogin login = new MqttLogin(
                BrokerAddress.parse(broker.address()),
                5,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        MqttDevice subscriber = MqttDevice.of(login, topic, () -> {});
        subscriber.connect().join();
        subscriber.subscribe(topic + "/#", 2, messages).join();
        return subscriber;
    }

    private JsonNode fleet(String name, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("bench", "pub", "--fleet", name, "-o", "json"));
        command.addAll(List.of(options));
        return result(tool.run(command.toArray(String[]::new)), 0);
    }

    @Test
    void each_subscriber_gets_each_message_once() throws Exception {
        JsonNode result = result(
                tool.run(
                        "bench", "sub", "--clients", "5", "--rate", "100", "--duration", "2s", "-q", "2", "-o", "json"),
                0);

        assertThat(result.path("begun").asInt()).isEqualTo(1_000);
        assertThat(result.path("done").asInt()).isEqualTo(1_000);
        assertThat(result.path("repeated").asInt()).isZero();
    }

    @Test
    void clients_connect_at_a_rate() throws Exception {
        JsonNode result = result(
                tool.run("bench", "conn", "--clients", "100", "--rate", "100", "--duration", "2s", "-o", "json"), 0);

        assertThat(result.path("done").asInt()).isEqualTo(100);
        assertThat(result.path("seconds").asDouble()).isBetween(1.9, 3.0);
    }

    /** With times from when a message could be sent, one message of each client would be late, and not all of a second. */
    @Test
    void a_broker_that_stands_still_is_seen_by_all_messages_of_that_time() throws Exception {
        try (Relay relay = new Relay(broker.address())) {
            Tool.Watched watched = tool.watched();
            CompletableFuture<Tool.Ended> running = CompletableFuture.supplyAsync(() -> watched.run(
                    "bench",
                    "pub",
                    "--clients",
                    "2",
                    "--rate",
                    "200",
                    "--duration",
                    "4s",
                    "-o",
                    "json",
                    "--broker",
                    relay.address()));
            await().atMost(20, TimeUnit.SECONDS)
                    .until(() -> watched.err().lines().count() >= 1);

            relay.standStillFor(1_500);

            JsonNode result = result(running.get(30, TimeUnit.SECONDS), 0);
            assertThat(result.path("done").asInt()).isEqualTo(800);
            assertThat(result.at("/milliseconds/max").asDouble()).isGreaterThan(1_200);
            assertThat(result.at("/milliseconds/p90").asDouble())
                    .as("300 of 800 messages fall into the second and a half")
                    .isGreaterThan(500);
        }
    }

    @Test
    void connections_that_are_lost_are_counted_and_end_with_3() throws Exception {
        try (Relay relay = new Relay(broker.address())) {
            Tool.Watched watched = tool.watched();
            CompletableFuture<Tool.Ended> running = CompletableFuture.supplyAsync(() -> watched.run(
                    "bench",
                    "sub",
                    "--clients",
                    "2",
                    "--rate",
                    "100",
                    "--duration",
                    "3s",
                    "-q",
                    "0",
                    "-o",
                    "json",
                    "--broker",
                    relay.address()));
            await().atMost(20, TimeUnit.SECONDS)
                    .until(() -> watched.err().lines().count() >= 1);

            relay.cut();

            JsonNode result = result(running.get(40, TimeUnit.SECONDS), 3);
            assertThat(result.path("connectionsLost").asInt()).isEqualTo(3);
            // What is on its way at the moment of the cut is lost; there may be nothing.
            assertThat(result.path("done").asInt() + result.path("lost").asInt())
                    .isLessThanOrEqualTo(result.path("begun").asInt());
        }
    }

    @Test
    void a_broker_that_is_not_there_and_a_rate_that_is_none_are_sentences() {
        Tool.Ended absent = tool.run("bench", "pub", "--broker", "127.0.0.1:9");
        assertThat(absent.exitCode()).isEqualTo(4);
        assertThat(absent.err()).contains("A client cannot connect: nothing listens there.");

        Tool.Ended none = tool.run("bench", "pub", "--rate", "0");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("--rate is more than 0, not 0.0.");
    }

    private static JsonNode result(Tool.Ended ended, int exitCode) throws Exception {
        assertThat(ended.exitCode()).as(ended.out() + ended.err()).isEqualTo(exitCode);
        return new JsonMapper().readTree(ended.out());
    }

    /** A network between clients and broker that can stand still, and be cut. */
    private static final class Relay implements AutoCloseable {

        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final Semaphore moves = new Semaphore(Integer.MAX_VALUE);
        private final int brokerPort;

        Relay(String broker) throws IOException {
            brokerPort = URI.create(broker).getPort();
            start(this::accept);
        }

        String address() {
            return "mqtt://127.0.0.1:" + server.getLocalPort();
        }

        void standStillFor(int millis) throws InterruptedException {
            moves.acquire(Integer.MAX_VALUE);
            TimeUnit.MILLISECONDS.sleep(millis); // this is the fault, not a wait for something
            moves.release(Integer.MAX_VALUE);
        }

        void cut() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }

        private static void start(Runnable work) {
            Thread thread = new Thread(work, "relay");
            thread.setDaemon(true);
            thread.start();
        }

        private void accept() {
            try {
                while (true) {
                    Socket client = server.accept();
                    Socket broker = new Socket(InetAddress.getLoopbackAddress(), brokerPort);
                    sockets.add(client);
                    sockets.add(broker);
                    start(() -> pass(client, broker));
                    start(() -> pass(broker, client));
                }
            } catch (IOException closed) {
                // the test is over
            }
        }

        private void pass(Socket from, Socket to) {
            byte[] bytes = new byte[8192];
            try (from;
                    to) {
                for (int read = from.getInputStream().read(bytes);
                        read >= 0;
                        read = from.getInputStream().read(bytes)) {
                    moves.acquire();
                    try {
                        to.getOutputStream().write(bytes, 0, read);
                    } finally {
                        moves.release();
                    }
                }
            } catch (IOException | InterruptedException ended) {
                // as a network does
            }
        }

        @Override
        public void close() throws IOException {
            cut();
            server.close();
        }
    }
}
