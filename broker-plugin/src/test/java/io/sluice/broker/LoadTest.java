package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.buffer.record.StoredMessage;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads under which Moquette alone loses messages or leaves clients hanging. */
@Timeout(120)
class LoadTest {

    private static final Logger LOG = LoggerFactory.getLogger(LoadTest.class);

    private record Load(int connections, int messages, int window, int qos) {
        int total() {
            return connections * messages;
        }
    }

    @Test
    @Tag("nightly")
    void fifty_connections_with_a_hundred_publishes_in_flight_lose_nothing(@TempDir Path dir) throws Exception {
        losesNothing(dir, new Load(50, 4_000, 100, 1), false);
    }

    @Test
    void two_hundred_connections_lose_nothing_while_a_subscriber_reads_nothing(@TempDir Path dir) throws Exception {
        losesNothing(dir, new Load(200, 500, 100, 1), true);
    }

    @Test
    void qos_0_as_fast_as_it_comes_loses_nothing(@TempDir Path dir) throws Exception {
        losesNothing(dir, new Load(16, 10_000, 10_000, 0), false);
    }

    @Test
    void qos_2_from_many_connections_loses_and_repeats_nothing(@TempDir Path dir) throws Exception {
        losesNothing(dir, new Load(16, 2_000, 50, 2), false);
    }

    @ParameterizedTest
    @Tag("soak")
    @CsvSource({
        "50, 8000, 100, 1, false",
        "50, 8000, 100, 1, true",
        "200, 1000, 100, 1, false",
        "200, 1000, 100, 1, true",
        "16, 20000, 20000, 0, false",
        "16, 20000, 20000, 0, true",
        "16, 10000, 50, 2, false",
        "16, 10000, 50, 2, true"
    })
    void full_size_loads_lose_nothing(
            int connections, int messages, int window, int qos, boolean withStalledSubscriber, @TempDir Path dir)
            throws Exception {
        losesNothing(dir, new Load(connections, messages, window, qos), withStalledSubscriber);
    }

    private static void losesNothing(Path dir, Load load, boolean withStalledSubscriber) throws Exception {
        try (TestBroker broker =
                        new TestBroker.Wanted().buffer(TestBroker.disk(dir)).start();
                TestBroker.Reader reader = broker.attach("load/#")) {
            if (withStalledSubscriber) {
                RawClient subscriber = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "stalled");
                MqttMessage subscribe = MqttMessageBuilders.subscribe()
                        .messageId(1)
                        .addSubscription(MqttQoS.AT_LEAST_ONCE, "#")
                        .build();
                subscriber.send(subscribe);
            }
            ExecutorService devices = Executors.newFixedThreadPool(load.connections);
            List<CompletableFuture<Void>> publishing = new ArrayList<>();
            for (int i = 0; i < load.connections; i++) {
                int device = i;
                publishing.add(CompletableFuture.runAsync(() -> publish(broker.port(), device, load), devices));
            }
            long begun = System.nanoTime();
            Map<String, Integer> next = new HashMap<>();
            int read = 0;
            List<StoredMessage> batch = List.of();
            do {
                batch = reader.next(10_000, Duration.ofSeconds(5));
                for (StoredMessage stored : batch) {
                    int number = Wire.number(stored.message());
                    Integer expected = next.getOrDefault(stored.message().clientId(), 0);
                    assertThat(number).as(stored.message().clientId()).isEqualTo(expected);
                    next.put(stored.message().clientId(), number + 1);
                }
                read += batch.size();
            } while (read < load.total() && !batch.isEmpty());
            assertThat(read).isEqualTo(load.total());
            double seconds = (System.nanoTime() - begun) / 1e9;
            LOG.info("{}: {} messages in {} s", load, read, seconds);
            for (CompletableFuture<Void> device : publishing) {
                device.get(30, TimeUnit.SECONDS);
            }
            devices.shutdown();
        }
    }

    /** Publishes with at most a window of messages unacknowledged, and waits for all acknowledgements. */
    private static void publish(int port, int device, Load load) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            out.write(Wire.connect("device-" + device, true));
            in.readFully(new byte[Wire.ANSWER_BYTES]);
            int sent = 0;
            int done = 0;
            while (done < load.messages) {
                int room = load.qos == 0 ? load.messages : load.window - (sent - done);
                int count = Math.min(room, load.messages - sent);
                if (count > 0) {
                    out.write(Wire.publishes("load/x", load.qos, sent, count, false));
                    sent += count;
                }
                if (load.qos == 0) {
                    done = sent;
                } else {
                    done += awaitAnswer(in, out);
                }
            }
            if (load.qos == 0) {
                out.write(Wire.PINGREQ);
                in.readFully(new byte[Wire.PINGREQ.length]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("device-" + device, e);
        }
    }

    private static int awaitAnswer(DataInputStream in, OutputStream out) throws IOException {
        byte[] answer = new byte[Wire.ANSWER_BYTES];
        in.readFully(answer);
        if (Wire.isPubrec(answer)) {
            out.write(Wire.pubrelFor(answer));
            return 0;
        }
        return 1;
    }
}
