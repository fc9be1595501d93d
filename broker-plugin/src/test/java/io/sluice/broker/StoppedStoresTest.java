package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.session.TestSessions;
import io.sluice.buffer.AppendListener;
import io.sluice.buffer.SharedBuffer;
import io.sluice.buffer.TestMessages;
import io.sluice.file.FaultyFolder;
import io.sluice.status.ShownProcess;
import io.sluice.status.ShownProcess.Role;
import io.sluice.status.StatusAddress;
import io.sluice.status.StatusConfig;
import io.sluice.status.StatusListener;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What probes, Prometheus and events say of a broker whose disk fails, and which failures a restart cures. */
@Timeout(60)
class StoppedStoresTest {

    private static final String CAUSE = "java.lang.IllegalStateException: the controller is gone";

    private final HttpClient http = HttpClient.newHttpClient();
    private final BrokerConfig config = TestBroker.config();
    private final FaultyFolder bufferDisk = new FaultyFolder();
    private final FaultyFolder sessionsDisk = new FaultyFolder();
    private final StatusListener listener = StatusListener.acquire(
            new StatusConfig(StatusAddress.of("http://127.0.0.1:0"), Optional.empty(), Optional.empty(), false),
            new ShownProcess(Role.STANDALONE, "1.2.3"));
    private RunningBroker broker;

    @BeforeEach
    void start() {
        broker = RunningBroker.start(
                config,
                buffer -> buffer.attach(TestMessages.spec("c")),
                wanted -> TestMessages.open(wanted, bufferDisk),
                (dir, limits) -> TestSessions.open(sessionsDisk, limits));
    }

    @AfterEach
    void close() {
        broker.close();
        listener.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(listener.uri().orElseThrow() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String metric(String name) throws Exception {
        String begin = "sluice_" + name + "{broker=\"" + config.name() + "\"} ";
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(begin))
                .map(line -> line.substring(begin.length()))
                .findFirst()
                .orElse("none");
    }

    private RawClient device() throws Exception {
        return RawClient.connected(broker.listeners().get(0).port(), MqttVersion.MQTT_5, "device");
    }

    private static void fail(FaultyFolder disk) {
        disk.onForce(forcing -> {
            throw new IllegalStateException("the controller is gone");
        });
    }

    private String down(String store) {
        return "{\"name\":\"broker " + config.name() + "\",\"status\":\"down\",\"text\":\"" + store + " has stopped ("
                + CAUSE + "): ";
    }

    @Test
    void a_buffer_that_only_a_restart_cures_is_neither_alive_nor_ready_and_says_why() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(metric("buffer_stopped")).isEqualTo("0");
        fail(bufferDisk);
        try (RawClient device = device()) {
            device.send(RawClient.publish("a", 1, 1, "lost"));
            await().untilAsserted(
                            () -> assertThat(get("/health/ready").statusCode()).isEqualTo(503));

            HttpResponse<String> live = get("/health/live");
            assertThat(live.statusCode()).isEqualTo(503);
            assertThat(live.body()).contains(down("The buffer in test disk"));
            assertThat(get("/health/ready").body()).contains(down("The buffer in test disk"));
            assertThat(get("/health").body()).containsOnlyOnce("broker " + config.name());
            assertThat(metric("buffer_stopped")).isEqualTo("1");
            await().untilAsserted(() -> assertThat(get("/v1/events?kind=errors").body())
                    .containsOnlyOnce("\"event\":\"buffer.stopped\",\"broker\":\"" + config.name()
                            + "\",\"text\":\"The buffer in test disk has stopped (" + CAUSE + ")"));
        }
    }

    @Test
    void a_session_store_that_only_a_restart_cures_is_neither_alive_nor_ready_and_says_why() throws Exception {
        assertThat(metric("sessions_stopped")).isEqualTo("0");
        fail(sessionsDisk);
        try (RawClient device = new RawClient(broker.listeners().get(0).port(), MqttVersion.MQTT_3_1_1)) {
            device.send(device.connect("device", false));
            await().untilAsserted(
                            () -> assertThat(get("/health/live").statusCode()).isEqualTo(503));

            assertThat(get("/health/live").body()).contains(down("The store of MQTT sessions in test disk"));
            assertThat(get("/health/ready").body()).contains(down("The store of MQTT sessions in test disk"));
            assertThat(metric("sessions_stopped")).isEqualTo("1");
            await().untilAsserted(() -> assertThat(get("/v1/events?kind=errors").body())
                    .containsOnlyOnce("\"event\":\"sessions.stopped\",\"broker\":\"" + config.name()
                            + "\",\"text\":\"The store of MQTT sessions in test disk has stopped (" + CAUSE + ")"));
        }
    }

    @Test
    void a_disk_that_may_accept_writes_again_is_not_ready_and_alive() throws Exception {
        bufferDisk.failWritesTo(file -> true);
        try (RawClient device = device()) {
            device.send(RawClient.publish("a", 1, 1, "waits"));
            await().untilAsserted(
                            () -> assertThat(get("/health/ready").statusCode()).isEqualTo(503));
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
            assertThat(metric("buffer_stalled")).isEqualTo("1");

            bufferDisk.failWritesTo(file -> false);
            await().untilAsserted(
                            () -> assertThat(get("/health/ready").statusCode()).isEqualTo(200));
            assertThat(device.read(5_000)).isNotNull();
        }
        assertThat(metric("buffer_stopped")).isEqualTo("0");
    }

    @Test
    void a_connector_that_starts_again_gets_a_new_broker_although_the_old_one_lingers() throws Exception {
        BrokerConfig lingers =
                new TestBroker.Wanted().linger(Duration.ofMinutes(1)).config();
        FaultyFolder disk = new FaultyFolder();
        BrokerSlot slot = slot(disk);
        Consumer<SharedBuffer> attach = buffer -> buffer.attach(TestMessages.spec("c"));
        RunningBroker first = slot.join(lingers, attach);
        fail(disk);
        first.buffer().append(List.of(TestMessages.message("m")), AppendListener.NONE);
        await().until(first::hasFailed);
        disk.onForce(forcing -> {});

        assertThat(slot.join(lingers, attach)).as("while it has users").isSameAs(first);
        slot.leave();
        slot.leave();
        RunningBroker second = slot.join(lingers, attach);

        assertThat(second).isNotSameAs(first);
        TestMessages.append(second.buffer(), TestMessages.message("m")).awaitSafe();
        slot.leave();
        BrokerSlot.closeAtExit(List.of(slot));
    }

    @Test
    void at_the_end_of_the_process_a_broker_whose_disk_hangs_keeps_no_other_from_closing() throws Exception {
        BrokerConfig lingers =
                new TestBroker.Wanted().linger(Duration.ofMinutes(1)).config();
        CountDownLatch hangs = new CountDownLatch(1);
        FaultyFolder hanging = new FaultyFolder();
        BrokerSlot stuck = slot(hanging);
        BrokerSlot other = slot(new FaultyFolder());
        RunningBroker stuckBroker = stuck.join(lingers, buffer -> buffer.attach(TestMessages.spec("c")));
        RunningBroker otherBroker = other.join(lingers, buffer -> buffer.attach(TestMessages.spec("c")));
        stuck.leave();
        other.leave();
        hanging.onForce(forcing -> hang(hangs));
        stuckBroker.buffer().append(List.of(TestMessages.message("m")), AppendListener.NONE);

        Thread exit = new Thread(() -> BrokerSlot.closeAtExit(List.of(stuck, other)));
        exit.start();
        try {
            await().until(() -> !otherBroker.buffer().release("device", List.of(1), AppendListener.NONE));
            assertThat(exit.isAlive()).as("it waits for the other").isTrue();
        } finally {
            hangs.countDown();
            exit.join();
        }
    }

    private static void hang(CountDownLatch until) throws IOException {
        try {
            until.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static BrokerSlot slot(FaultyFolder bufferDisk) {
        return new BrokerSlot(
                (wanted, attach) -> RunningBroker.start(
                        wanted,
                        attach,
                        buffer -> TestMessages.open(buffer, bufferDisk),
                        (dir, limits) -> TestSessions.open(new FaultyFolder(), limits)),
                unused -> {});
    }

    @Test
    void a_broker_that_is_closed_has_not_stopped() throws Exception {
        SharedBuffer buffer = broker.buffer();
        broker.close();
        assertThat(buffer.stats().stopped()).isFalse();
    }
}
