package io.sluice.tools.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.tools.cli.LocalBroker;
import io.sluice.tools.mqtt.BrokerAddress;
import io.sluice.tools.mqtt.MqttConnection;
import io.sluice.tools.mqtt.MqttLogin;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MqttClientTest {

    private static final int LARGE = 60_000;
    private static final int MANY = 150;

    @Test
    void of_large_messages_the_log_has_no_more_than_all_clients_of_a_console_have_space_for(@TempDir Path folder)
            throws Exception {
        try (LocalBroker broker = new LocalBroker("console", folder)) {
            MqttClient client = new MqttClient(MqttConnection.connect(login(broker)), "Connected.");
            ByteArrayOutputStream page = new ByteArrayOutputStream();
            for (int i = 0; i < MANY; i++) {
                client.publish(
                        Call.JSON.createObjectNode().put("topic", "lamps/" + i).put("payload", "x".repeat(LARGE)));
            }
            client.disconnect();
            await().until(client::isEnded);

            client.watch(() -> new EventStream(page));

            assertThat(page.toString(UTF_8))
                    .contains("\"topic\":\"lamps/" + (MANY - 1) + "\"", "Disconnected.")
                    .hasSizeBetween(3 << 20, 5 << 20);
        }
    }

    private static MqttLogin login(LocalBroker broker) {
        return new MqttLogin(
                BrokerAddress.parse(broker.address()),
                5,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
