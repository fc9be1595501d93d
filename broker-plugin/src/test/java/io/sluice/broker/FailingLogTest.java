package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.FailingLog;
import io.sluice.broker.door.FrontDoor;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.status.ShownProcess;
import io.sluice.status.ShownProcess.Role;
import io.sluice.status.StatusAddress;
import io.sluice.status.StatusConfig;
import io.sluice.status.StatusListener;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that throws, as one does that is set up to do so when its disk is full. */
class FailingLogTest {

    private FailingLog log = FailingLog.at("none");

    private void failAt(String name) {
        log = FailingLog.at(
                name, "disconnect ", "Closing the connection of ", "More than ", "has stopped", "has closed");
    }

    @AfterEach
    void end() {
        log.close();
    }

    @Test
    void costs_no_client_its_next_connection() throws Exception {
        failAt("io.sluice.audit");
        try (TestBroker broker = TestBroker.start()) {
            RawClient.connected(broker.port(), MqttVersion.MQTT_5, "device").close();
            RawClient.connected(broker.port(), MqttVersion.MQTT_5, "device").close();
        }
    }

    @Test
    void keeps_no_connection_open_that_was_to_be_closed() throws Exception {
        failAt(FrontDoor.class.getName());
        try (TestBroker broker = TestBroker.start();
                RawClient client = RawClient.connected(broker.port(), MqttVersion.MQTT_5, "device")) {
            client.send(RawClient.publish("t", 0, 0, "x"));
            client.sendBytes(new byte[] {(byte) 0xF1, 0}, 2);
            assertThat(client.isClosedWithin(5_000)).isTrue();
        }
    }

    @Test
    void keeps_no_client_out_that_connects_while_many_do() throws Exception {
        failAt(FrontDoor.class.getName());
        ConnectRates oneEachSecond = new ConnectRates(1, 100, 600);
        try (TestBroker broker = new TestBroker.Wanted()
                        .rates(new RateLimits(PublishRates.UNLIMITED, oneEachSecond, RateLimits.LOGIN_DELAY))
                        .start();
                Peer first = Peer.connected(broker.port(), Mqtt.V5, "first");
                Peer second = Peer.connected(broker.port(), Mqtt.V5, "second");
                Peer third = Peer.connected(broker.port(), Mqtt.V5, "third")) {
            for (Peer client : List.of(first, second, third)) {
                client.send(Mqtt.pingreq());
                assertThat(client.next().type()).isEqualTo(Mqtt.PINGRESP);
            }
        }
    }

    @Test
    void hides_no_buffer_that_has_stopped(@TempDir Path dir) {
        failAt("io.sluice.buffer");
        try (StoppableBroker broker = StoppableBroker.start(dir)) {
            broker.stopBuffer();
            assertThat(broker.hasFailed()).isTrue();
        }
    }

    @Test
    void hides_no_sessions_that_have_stopped(@TempDir Path dir) throws Exception {
        failAt("io.sluice.broker.session");
        try (StoppableBroker broker = StoppableBroker.start(dir)) {
            broker.stopSessions();
            assertThat(broker.hasFailed()).isTrue();
        }
    }

    @Test
    void keeps_nothing_open_of_a_broker_that_closes(@TempDir Path dir) {
        failAt(RunningBroker.class.getName());
        BrokerConfig config =
                new TestBroker.Wanted().buffer(TestBroker.disk(dir)).config();
        EmbeddedBroker first = EmbeddedBroker.acquire(config);

        assertThatThrownBy(first::close).hasRootCauseMessage(FailingLog.MESSAGE);

        log.close();
        try (EmbeddedBroker second = EmbeddedBroker.acquire(config)) {
            assertThat(second.buffer()).isNotSameAs(first.buffer());
        }
    }

    @Test
    void leaves_nothing_of_a_broker_that_does_not_start_for_it(@TempDir Path dir) throws Exception {
        log = FailingLog.at(RunningBroker.class.getName(), "listens on");
        BrokerConfig config =
                new TestBroker.Wanted().buffer(TestBroker.disk(dir)).config();

        assertThatThrownBy(() -> EmbeddedBroker.acquire(config)).hasRootCauseMessage(FailingLog.MESSAGE);

        assertThat(shown()).doesNotContain(config.name());
        log.close();
        try (EmbeddedBroker second = EmbeddedBroker.acquire(config)) {
            assertThat(second.listeners()).isNotEmpty();
            assertThat(shown()).containsOnlyOnce("\"" + config.name() + "\"");
        }
    }

    /** What the status shows. */
    private static String shown() throws Exception {
        StatusConfig config =
                new StatusConfig(StatusAddress.of("http://127.0.0.1:0"), Optional.empty(), Optional.empty(), false);
        try (StatusListener status = StatusListener.acquire(config, new ShownProcess(Role.STANDALONE, "1.2.3"))) {
            URI uri = URI.create(status.uri().orElseThrow() + "/v1/status");
            return HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
