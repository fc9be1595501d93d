package io.sluice.broker.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import io.sluice.broker.access.AccessRule.Action;
import java.io.File;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file of rules says to us what it says to mosquitto. It does not where Moquette differs: lines before the first user are
 * for everybody, and not for clients without a user name alone.
 */
class MosquittoRulesTest {

    private static final String RULES = """
            user ann
            topic readwrite plants/#
            topic deny plants/secret
            topic /leading
            user bob
            topic write plants/+/set
            topic write my topic
            topic write deny/#
            topic deny deny/#
            pattern write devices/%c/#
            pattern write homes/%u/+
            """;

    @TempDir
    private Path dir;

    @Test
    void mosquitto_and_we_allow_the_same_publishes() throws Exception {
        Assumptions.assumeTrue(
                Arrays.stream((System.getenv("PATH") + File.pathSeparator + "/usr/sbin").split(File.pathSeparator, -1))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "mosquitto"))),
                "mosquitto is not installed: apt-get install mosquitto");
        Path acl = Files.writeString(dir.resolve("acl"), RULES);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = Files.writeString(
                dir.resolve("mosquitto.conf"),
                "listener " + port + " 127.0.0.1\nallow_anonymous true\nuser root\nacl_file " + acl + "\n");
        Process mosquitto = new ProcessBuilder("/usr/sbin/mosquitto", "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("log").toFile())
                .start();
        try {
            AccessRules rules = AclFile.read(acl);
            for (String user : List.of("ann", "bob")) {
                Mqtt5BlockingClient client = MqttClient.builder()
                        .useMqttVersion5()
                        .identifier("client-7")
                        .serverHost("127.0.0.1")
                        .serverPort(port)
                        .simpleAuth()
                        .username(user)
                        .password("any".getBytes(UTF_8))
                        .applySimpleAuth()
                        .buildBlocking();
                await().ignoreExceptions()
                        .until(() -> !client.connect().getReasonCode().isError());
                for (String topic : List.of(
                        "news/a",
                        "open/a",
                        "open",
                        "plants/1",
                        "plants/secret",
                        "plants/1/set",
                        "plants/1/2/set",
                        "/leading",
                        "leading",
                        "my topic",
                        "deny/a",
                        "devices/client-7",
                        "devices/client-7/a",
                        "devices/client-8/a",
                        "homes/ann/a",
                        "homes/bob/a",
                        "homes/bob/a/b")) {
                    assertThat(rules.decide(Action.PUBLISH, topic, Optional.of(user), "client-7")
                                    .isAllowed())
                            .as(user + " publishes " + topic)
                            .isEqualTo(mosquittoTakes(client, topic));
                }
                client.disconnect();
            }
        } finally {
            mosquitto.destroy();
            mosquitto.waitFor();
        }
    }

    private static boolean mosquittoTakes(Mqtt5BlockingClient client, String topic) {
        try {
            client.publishWith().topic(topic).qos(MqttQos.AT_LEAST_ONCE).send();
            return true;
        } catch (Mqtt5PubAckException e) {
            return false;
        }
    }
}
