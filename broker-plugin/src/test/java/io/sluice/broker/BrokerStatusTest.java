package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.Overflow;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.buffer.consumer.AckMode;
import io.sluice.file.FaultyFolder;
import io.sluice.status.BrokerStatus.State;
import io.sluice.status.ShownProcess;
import io.sluice.status.ShownProcess.Role;
import io.sluice.status.StatusAddress;
import io.sluice.status.StatusConfig;
import io.sluice.status.StatusListener;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker as the status shows it. */
class BrokerStatusTest {

    private static final String TOKEN = "0123456789abcdef";
    private static final ShownProcess PROCESS = new ShownProcess(Role.STANDALONE, "1.2.3");

    private final HttpClient http = HttpClient.newHttpClient();

    private static StatusListener listener() {
        return StatusListener.acquire(
                new StatusConfig(StatusAddress.of("http://127.0.0.1:0"), Optional.empty(), Optional.empty(), false),
                PROCESS);
    }

    private HttpResponse<String> send(StatusListener listener, String method, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(listener.uri().orElseThrow() + path))
                        .header("Authorization", "Bearer " + TOKEN)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String get(StatusListener listener, String path) throws Exception {
        HttpResponse<String> answer = send(listener, "GET", path);
        assertThat(answer.statusCode()).as(path + ": " + answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static void publish(Mqtt5BlockingClient client, String payload) {
        client.publishWith()
                .topic("sensors/1")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    @Test
    void shows_what_waits_for_whom_until_it_is_delivered(@TempDir Path dir) throws Exception {
        try (TestBroker broker =
                        new TestBroker.Wanted().buffer(TestBroker.disk(dir)).start();
                StatusListener listener = listener()) {
            String name = broker.name();
            Mqtt5BlockingClient device = broker.connected("device");
            TestBroker.Reader reader = broker.attach("pump", AckMode.BUFFERED, "#");
            for (int i = 0; i < 3; i++) {
                publish(device, "a secret reading");
            }
            await().untilAsserted(() -> assertThat(of(name, get(listener, "/v1/status")))
                    .contains("\"state\":\"running\"")
                    .contains("{\"uri\":\"tcp://127.0.0.1:" + broker.port() + "\",\"open\":true,\"tls\":false}")
                    .contains("\"clients\":{\"connected\":1,\"sessions\":1}")
                    .contains("\"storage\":\"disk\",\"dir\":\"" + dir + "\"")
                    .contains("\"overflow\":\"block\"")
                    .containsPattern("\"freeBytes\":[1-9]\\d+")
                    .containsPattern("\"newestAt\":\"20")
                    .containsPattern("\"connector\":\"pump\",\"attached\":true,\"expired\":false,\"messages\":3,"
                            + "\"bytes\":[1-9]\\d*,\"oldestAgeMs\":[1-9]\\d*")
                    .contains("\"captured-messages-total\":3"));
            assertThat(get(listener, "/metrics"))
                    .contains("# TYPE sluice_captured_messages_total counter\n")
                    .contains("sluice_captured_messages_total{broker=\"" + name + "\"} 3\n")
                    .contains("sluice_broker_lag_positions{broker=\"" + name + "\",connector=\"pump\"} 3\n")
                    .contains("sluice_dropped_messages_total{broker=\"" + name + "\",reason=\"oldest\"} 0\n");

            reader.read(3);

            await().untilAsserted(() -> assertThat(of(name, get(listener, "/v1/status")))
                    .contains("\"messages\":0,\"bytes\":0,\"oldestAgeMs\":0"));
            assertThat(get(listener, "/health/ready")).contains("\"name\":\"broker " + name + "\",\"status\":\"up\"");
            assertThat(get(listener, "/v1/status") + get(listener, "/v1/events?after=0") + get(listener, "/metrics"))
                    .doesNotContain("secret");
            // What comes and goes between two looks of the broker is no event.
            await().untilAsserted(() -> assertThat(get(listener, "/v1/events?after=0"))
                    .contains("\"event\":\"broker.started\",\"broker\":\"" + name + "\"")
                    .contains("\"event\":\"consumer.attached\",\"broker\":\"" + name + "\""));
            reader.close();
            await().untilAsserted(() -> assertThat(get(listener, "/v1/events?after=0"))
                    .contains("\"event\":\"consumer.left\",\"broker\":\"" + name + "\""));
            device.disconnect();
        }
    }

    /** What is said of one broker; other tests of this process have theirs. */
    private static String of(String broker, String status) {
        int begin = status.indexOf("{\"name\":\"" + broker + "\"");
        int end = status.indexOf("{\"name\":\"", begin + 1);
        return begin < 0 ? "" : status.substring(begin, end < 0 ? status.length() : end);
    }

    @Test
    void a_broker_does_not_run_whose_buffer_has_stopped() throws Exception {
        FaultyFolder storage = new FaultyFolder();
        try (TestBroker broker = new TestBroker.Wanted().start();
                SharedBuffer buffer = TestMessages.open(TestBroker.memory(4 << 20, Overflow.BLOCK), storage)) {
            storage.onForce(forcing -> {
                if (forcing.name().endsWith(".log")) {
                    throw new OutOfMemoryError("in this test");
                }
            });
            buffer.append(List.of(TestMessages.message("m")), AppendListener.NONE);
            await().until(() -> buffer.stats().stopped());
            BrokerStats now = broker.broker().stats();
            assertThat(BrokerView.state(now)).isEqualTo(State.RUNNING);
            assertThat(BrokerView.state(new BrokerStats(buffer.stats(), now.door(), now.sessions())))
                    .isEqualTo(State.STOPPED);
        }
    }

    @Test
    void a_full_buffer_is_not_ready_and_says_so_once() throws Exception {
        try (TestBroker broker = new TestBroker.Wanted()
                        .buffer(TestBroker.memory(1 << 16, Overflow.REJECT))
                        .start();
                TestBroker.Reader reader = broker.attach("#");
                StatusListener listener = listener()) {
            Mqtt5BlockingClient device = broker.connected("device");
            await().untilAsserted(() -> {
                try {
                    publish(device, "x".repeat(10_000));
                } catch (RuntimeException full) {
                    // It says so.
                }
                assertThat(send(listener, "GET", "/health/ready").statusCode()).isEqualTo(503);
            });
            assertThat(send(listener, "GET", "/health/live").statusCode()).isEqualTo(200);
            await().untilAsserted(() -> assertThat(get(listener, "/v1/events?kind=errors"))
                    .contains("\"event\":\"buffer.full\",\"broker\":\"" + broker.name() + "\""));
            assertThat(reader.read(1)).isNotEmpty();
            device.disconnect();
        }
    }

    @Test
    void shows_who_is_connected_and_disconnects_one_where_a_key_allows_it(@TempDir Path dir) throws Exception {
        TestKeys keys = new TestKeys(dir);
        keys.make("status");
        StatusConfig config = new StatusConfig(
                StatusAddress.of("https://127.0.0.1:0"),
                Optional.of(new TlsConfig(keys.store("status"), Optional.empty(), Optional.empty(), ClientAuth.NONE)),
                Optional.of(Files.writeString(dir.resolve("tokens"), TOKEN)),
                true);
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, keys.trusting("status").getTrustManagers(), null);
        HttpClient secure = HttpClient.newBuilder().sslContext(trusting).build();
        try (TestBroker broker = TestBroker.start();
                StatusListener plain = listener();
                StatusListener listener = StatusListener.acquire(config, PROCESS)) {
            Mqtt5BlockingClient device = broker.connected("building/7 +1");
            String path = "/v1/clients/building%2F7%20+1";

            assertThat(get(plain, "/v1/clients?limit=1000"))
                    .containsPattern(
                            "\"clientId\":\"building/7 \\+1\",\"address\":\"127.0.0.1:\\d+\",\"protocol\":\"5\","
                                    + "\"connectedAt\":\"20[^\"]+\",\"queued\":0,\"transport\":\"tcp\",\"broker\":\""
                                    + broker.name() + "\"");
            assertThat(get(plain, path)).contains("\"clientId\":\"building/7 +1\"");
            assertThat(send(plain, "DELETE", path).statusCode()).isEqualTo(403);
            assertThat(device.getState().isConnected()).isTrue();

            HttpResponse<String> answer = secure.send(
                    HttpRequest.newBuilder(URI.create(listener.uri().orElseThrow() + path))
                            .header("Authorization", "Bearer " + TOKEN)
                            .DELETE()
                            .build(),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(answer.body()).isEqualTo("{\"disconnected\":1}");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> !device.getState().isConnected());
            await().untilAsserted(() ->
                    assertThat(send(plain, "GET", path).statusCode()).isEqualTo(404));
        }
    }

    @Test
    void a_client_of_a_long_name_leaves_room_for_others() throws Exception {
        try (TestBroker broker = TestBroker.start();
                StatusListener listener = listener()) {
            Mqtt5BlockingClient one = broker.connected("o".repeat(60_000));
            Mqtt5BlockingClient two = broker.connected("w".repeat(60_000));

            assertThat(get(listener, "/v1/clients?limit=1000")).hasSizeLessThan(1 << 20);
            assertThat(get(listener, "/v1/clients?limit=1")).contains("\"total\":");
            one.disconnect();
            two.disconnect();
        }
    }
}
