package io.sluice.connect;

import static io.sluice.connect.ConnectCluster.numbers;
import static io.sluice.connect.ConnectCluster.port;
import static io.sluice.connect.ConnectCluster.values;
import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that ends in order. It has a separate cluster: the shared one loses no worker, as other tests run on it. */
class ReplacedWorkerIT {

    @TempDir
    private static Path folders;

    private static ConnectCluster connect;

    @BeforeAll
    static void startCluster() {
        connect = ConnectCluster.start();
    }

    @AfterAll
    static void stopCluster() {
        connect.close();
    }

    @Test
    void a_worker_that_is_replaced_hands_over_what_the_one_before_did_not() throws Exception {
        Map<String, String> properties = ConnectCluster.connector("workers", folders);
        properties.put("broker.listeners", "tcp://127.0.0.1:" + freePort());
        connect.create("workers", properties);
        int port = port(properties);
        try (Device device = Device.connect(port, "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 1, 100);
        }
        connect.replaceWorker();
        connect.awaitRunning("workers");
        try (Device device = Device.connect(port, "device-1")) {
            device.publish("sensors/1", MqttQos.AT_LEAST_ONCE, 101, 200);
        }

        assertThat(values(connect.awaitExactly(200, "workers"))).isEqualTo(numbers(1, 200));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
