package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.buffer.record.StoredMessage;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mosquitto as it stands in edge gateways, with a bridge to the broker, where it is installed. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class MosquittoBridgeTest {

    private static final int FEW = 100;
    /** More than Receive Maximum, several times. */
    private static final int BACKLOG = 5_000;

    private static final Pattern SENT = Pattern.compile("Sending PUBLISH to .*gateway.*, m(\\d+),");

    @TempDir
    private Path dir;

    private final List<Process> processes = new ArrayList<>();

    @BeforeAll
    static void skipUnlessInstalled() {
        Assumptions.assumeTrue(
                program("mosquitto").isPresent() && program("mosquitto_pub").isPresent(),
                "mosquitto is not installed: apt-get install mosquitto mosquitto-clients");
    }

    private static Optional<Path> program(String name) {
        return Arrays.stream((System.getenv("PATH") + File.pathSeparator + "/usr/sbin").split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @AfterEach
    void end() {
        for (Process process : processes) {
            process.destroyForcibly().onExit().join();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private Path log() {
        return dir.resolve("mosquitto.log");
    }

    /** Starts a mosquitto that sends all it is published to a broker, and returns its own port. */
    private int startGateway(int brokerPort, int qos, String... lines) throws IOException {
        int port = freePort();
        List<String> config = new ArrayList<>(List.of(
                "listener " + port + " 127.0.0.1",
                "allow_anonymous true",
                "max_queued_messages 0",
                "log_type all",
                "connection gateway",
                "address 127.0.0.1:" + brokerPort,
                "restart_timeout 1",
                "topic # out " + qos));
        config.addAll(List.of(lines));
        Path file = Files.write(dir.resolve("mosquitto.conf"), config);
        processes.add(new ProcessBuilder(program("mosquitto").orElseThrow().toString(), "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start());
        await().until(() -> Files.readString(log()).contains("running"));
        return port;
    }

    private void publish(int port, int qos, int from, int to) throws Exception {
        Path lines = Files.write(
                dir.resolve("lines"),
                IntStream.range(from, to).mapToObj(Integer::toString).toList());
        Process tool = new ProcessBuilder(
                        "mosquitto_pub",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-q",
                        Integer.toString(qos),
                        "-t",
                        "line/1",
                        "-l")
                .redirectInput(lines.toFile())
                .redirectErrorStream(true)
                .start();
        processes.add(tool);
        String output = new String(tool.getInputStream().readAllBytes(), UTF_8);
        assertThat(tool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(tool.exitValue()).as(output).isZero();
    }

    private static TestBroker broker(int port) {
        return new TestBroker.Wanted().listeners("tcp://127.0.0.1:" + port).start();
    }

    /** The numbers that have come on the topic of {@link #publish}, each once, in the order of their first coming. */
    private List<Integer> numbers(TestBroker.Reader reader, int count) throws Exception {
        LinkedHashSet<Integer> numbers = new LinkedHashSet<>();
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (numbers.size() < count && System.nanoTime() < deadline) {
            for (StoredMessage stored : reader.next(5_000, Duration.ofMillis(500))) {
                if (stored.message().topic().equals("line/1")) {
                    numbers.add(Integer.parseInt(TestBroker.text(stored.message())));
                }
            }
        }
        assertThat(numbers).as(() -> tail(log())).hasSize(count);
        return List.copyOf(numbers);
    }

    private static String tail(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static List<Integer> range(int to) {
        return IntStream.range(0, to).boxed().toList();
    }

    @Test
    void a_bridge_with_its_defaults_is_let_in_and_heard() throws Exception {
        int port = freePort();
        try (TestBroker broker = broker(port);
                TestBroker.Reader reader = broker.attach("#")) {
            int gateway = startGateway(port, 1);
            publish(gateway, 1, 0, FEW);
            assertThat(numbers(reader, FEW)).isEqualTo(range(FEW));
            assertThat(Files.readString(log())).doesNotContain("Connection Refused", "protocol error");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mqttv31, true", "mqttv31, false",
        "mqttv311, true", "mqttv311, false",
        "mqttv50, true", "mqttv50, false"
    })
    void a_bridge_of_any_version_is_heard_at_every_qos_whether_it_says_that_it_is_one_or_not(
            String version, boolean tryPrivate) throws Exception {
        int port = freePort();
        try (TestBroker broker = broker(port);
                TestBroker.Reader reader = broker.attach("#")) {
            int gateway = startGateway(port, 2, "bridge_protocol_version " + version, "try_private " + tryPrivate);
            for (int qos = 0; qos < 3; qos++) {
                publish(gateway, qos, qos * FEW, (qos + 1) * FEW);
            }
            assertThat(numbers(reader, 3 * FEW)).containsExactlyInAnyOrderElementsOf(range(3 * FEW));
        }
    }

    @ParameterizedTest
    @CsvSource({"mqttv31, 1", "mqttv311, 1", "mqttv50, 1", "mqttv311, 2", "mqttv50, 2"})
    void what_a_bridge_has_queued_while_the_broker_was_away_arrives_whole_and_in_the_order_in_which_it_is_sent(
            String version, int qos) throws Exception {
        int port = freePort();
        int gateway = startGateway(port, qos, "bridge_protocol_version " + version, unlimited(version));
        publish(gateway, qos, 0, BACKLOG);
        try (TestBroker broker = broker(port);
                TestBroker.Reader reader = broker.attach("#")) {
            List<Integer> numbers = numbers(reader, BACKLOG);
            assertThat(numbers).containsExactlyInAnyOrderElementsOf(range(BACKLOG));
            assertThat(numbers).isEqualTo(sent());
        }
    }

    /**
     * The numbers in the order in which Mosquitto has sent them first, by their packet identifiers, which it gives them as
     * they come. It sends some early that come while it tries in vain to connect.
     */
    private List<Integer> sent() throws IOException {
        try (Stream<String> lines = Files.lines(log())) {
            return lines.map(SENT::matcher)
                    .filter(Matcher::find)
                    .map(found -> Integer.parseInt(found.group(1)) - 1)
                    .distinct()
                    .toList();
        }
    }

    /** Where it is not limited Mosquitto says 0 as Receive Maximum, a Protocol Error (MQTT 5 section 3.1.2.11.3). */
    private static String unlimited(String version) {
        return "max_inflight_messages " + (version.equals("mqttv50") ? 60_000 : 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv311", "mqttv50"})
    void a_bridge_that_is_connected_when_the_broker_goes_comes_back_with_all_it_was_given_meanwhile(String version)
            throws Exception {
        int port = freePort();
        int gateway;
        try (TestBroker broker = broker(port);
                TestBroker.Reader reader = broker.attach("#")) {
            gateway = startGateway(port, 1, "bridge_protocol_version " + version);
            publish(gateway, 1, 0, FEW);
            assertThat(numbers(reader, FEW)).isEqualTo(range(FEW));
            broker.broker().close();
        }
        publish(gateway, 1, FEW, FEW + BACKLOG);
        try (TestBroker broker = broker(port);
                TestBroker.Reader reader = broker.attach("#")) {
            assertThat(numbers(reader, BACKLOG)).hasSize(BACKLOG);
        }
    }

    @Test
    void a_bridge_is_sent_what_it_subscribes_to() throws Exception {
        int port = freePort();
        try (TestBroker broker = broker(port)) {
            int gateway = startGateway(port, 1, "topic command/# in 1");
            await().until(() -> broker.broker().stats().door().connectedClients() == 1);
            Process subscriber = new ProcessBuilder(
                            "mosquitto_sub",
                            "-h",
                            "127.0.0.1",
                            "-p",
                            Integer.toString(gateway),
                            "-t",
                            "command/#",
                            "-C",
                            "1",
                            "-W",
                            "20")
                    .redirectErrorStream(true)
                    .start();
            processes.add(subscriber);
            try (Peer publisher = Peer.connected(port, Mqtt.V5, "publisher")) {
                // Until the one who waits has subscribed, and its end has come.
                do {
                    publisher.send(Mqtt.V5.publish("command/1", 1, 1, "go"));
                    publisher.next(Mqtt.PUBACK);
                } while (!subscriber.waitFor(200, TimeUnit.MILLISECONDS));
            }
            assertThat(new String(subscriber.getInputStream().readAllBytes(), UTF_8).strip())
                    .isEqualTo("go");
        }
    }
}
