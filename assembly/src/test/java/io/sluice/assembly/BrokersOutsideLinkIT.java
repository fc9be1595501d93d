package io.sluice.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.testkit.ConnectRestException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What passes between a worker and a standalone broker, and when, and who is let in. */
class BrokersOutsideLinkIT {

    @RegisterExtension
    static final TwoBrokers BROKERS = new TwoBrokers();

    @Test
    void with_ack_mode_delivered_a_device_is_acknowledged_when_its_message_has_crossed_the_network_into_kafka()
            throws Exception {
        String name = "remote-delivered";
        BROKERS.create(
                name,
                1,
                Map.of(
                        "ack.mode",
                        "delivered",
                        "buffer.endpoints",
                        BROKERS.one().network().endpoint()));
        try (Publisher device = Publisher.mqtt3("device", BROKERS.one().mqttPort());
                TopicReader topic = new TopicReader(BROKERS.bootstrapServers(), name)) {
            device.connect();
            assertThat(device.publish("sensors/1", "1".getBytes(UTF_8))).succeedsWithin(TwoBrokers.TIMEOUT);
            assertThat(topic.read(1, Duration.ofSeconds(10))).hasSize(1);

            BROKERS.one().network().cut();
            CompletableFuture<?> second = device.publish("sensors/1", "2".getBytes(UTF_8));
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(3)).until(() -> !second.isDone());
            BROKERS.one().network().mend();
            assertThat(second).succeedsWithin(TwoBrokers.TIMEOUT);
            assertThat(topic.read(2, Duration.ofSeconds(10)))
                    .extracting(record -> new String(record.value(), UTF_8))
                    .containsExactly("1", "2");
        }
        BROKERS.rest().delete(name);
    }

    @Test
    @Tag("nightly")
    void devices_are_acknowledged_while_no_worker_runs_and_kafka_has_everything_when_one_does_again() throws Exception {
        String name = "remote-alone";
        BROKERS.create(
                name, 1, Map.of("buffer.endpoints", BROKERS.one().network().endpoint()));
        BROKERS.firstWorker().close();
        try (Publisher device = Publisher.mqtt3("device", BROKERS.one().mqttPort())) {
            device.connect();
            for (String value : List.of("1", "2", "3")) {
                assertThat(device.publish("sensors/1", value.getBytes(UTF_8))).succeedsWithin(Duration.ofSeconds(10));
            }
        } finally {
            BROKERS.firstWorker().start();
        }
        try (TopicReader topic = new TopicReader(BROKERS.bootstrapServers(), name)) {
            assertThat(topic.read(3, TwoBrokers.TIMEOUT))
                    .extracting(record -> new String(record.value(), UTF_8))
                    .containsExactly("1", "2", "3");
        }
        BROKERS.rest().delete(name);
    }

    @Test
    @Tag("nightly")
    void a_wrong_token_fails_the_task_with_a_sentence_in_its_trace() throws Exception {
        String name = "remote-refused";
        BROKERS.rest()
                .create(
                        name,
                        BROKERS.configuration(
                                name,
                                1,
                                Map.of(
                                        "buffer.endpoints",
                                        BROKERS.one().network().endpoint(),
                                        "buffer.auth.token",
                                        "not-the-token-of-this-broker")));

        awaitTrace(name, "cannot be drained", "token");
        assertThat(BROKERS.rest().status(name).toString()).doesNotContain("not-the-token-of-this-broker");
        BROKERS.rest().delete(name);
    }

    @Test
    void over_tls_broker_and_worker_show_each_other_certificates_and_a_worker_without_one_is_refused(
            @TempDir Path folder) throws Exception {
        String password = "password-of-the-stores";
        Path broker = SelfSigned.keyStore(folder.resolve("broker.p12"), password);
        Path worker = SelfSigned.keyStore(folder.resolve("worker.p12"), password);
        String name = "remote-tls";
        try (RemoteBroker encrypted = RemoteBroker.overTls(broker, worker, password);
                Publisher device = Publisher.mqtt3("device", encrypted.mqttPort());
                TopicReader topic = new TopicReader(BROKERS.bootstrapServers(), name)) {
            Map<String, String> config = BROKERS.configuration(
                    name,
                    1,
                    Map.of(
                            "buffer.endpoints", encrypted.network().endpoint(),
                            "buffer.ssl.truststore.location", broker.toString(),
                            "buffer.ssl.truststore.password", password));
            config.remove("buffer.auth.token");
            BROKERS.rest().create(name, config);
            awaitTrace(name, "cannot be drained", "certificate");

            config.put("buffer.ssl.keystore.location", worker.toString());
            config.put("buffer.ssl.keystore.password", password);
            BROKERS.rest().configure(name, config);
            encrypted.awaitKnown(name);
            device.connect();
            assertThat(device.publish("sensors/1", "1".getBytes(UTF_8))).succeedsWithin(TwoBrokers.TIMEOUT);
            assertThat(topic.read(1, Duration.ofSeconds(10))).hasSize(1);
            BROKERS.rest().delete(name);
        }
    }

    private static void awaitTrace(String name, String... said) {
        await().atMost(TwoBrokers.TIMEOUT)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .untilAsserted(() -> assertThat(
                                BROKERS.rest().status(name).at("/tasks/0/trace").asText())
                        .contains(said));
    }
}
