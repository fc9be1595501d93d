package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import io.sluice.LoggedEvents;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Passwords and rules that change while devices are connected. */
class ReloadTest {

    @TempDir
    private Path dir;

    private Path passwords = Path.of("");
    private Path acl = Path.of("");
    private final List<Mqtt5DisconnectReasonCode> reasons = new CopyOnWriteArrayList<>();

    @BeforeEach
    void write() throws Exception {
        passwords = Files.writeString(dir.resolve("passwords"), user("ann", "a") + user("bob", "b"));
        acl = Files.writeString(dir.resolve("acl"), "topic t/#\n");
    }

    private static String user(String name, String password) {
        return name + ":" + BCrypt.withDefaults().hashToString(4, password.toCharArray()) + "\n";
    }

    private TestBroker start() {
        return new TestBroker.Wanted().passwordFile(passwords).aclFile(acl).start();
    }

    private Mqtt5BlockingClient connected(TestBroker broker, String user, String password) {
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier(user)
                .serverHost("127.0.0.1")
                .serverPort(broker.port())
                .addDisconnectedListener(context -> {
                    if (context.getCause() instanceof Mqtt5DisconnectException told) {
                        reasons.add(told.getMqttMessage().getReasonCode());
                    }
                })
                .simpleAuth()
                .username(user)
                .password(password.getBytes(UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        return client;
    }

    private static void publish(Mqtt5BlockingClient client, String payload) {
        client.publishWith()
                .topic("t/1")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    @Test
    void a_user_that_is_taken_out_of_the_file_is_disconnected_and_one_that_is_added_may_come() throws Exception {
        try (TestBroker broker = start();
                TestBroker.Reader reader = broker.attach("#")) {
            Mqtt5BlockingClient ann = connected(broker, "ann", "a");
            Mqtt5BlockingClient bob = connected(broker, "bob", "b");
            org.eclipse.paho.client.mqttv3.MqttClient paho = new org.eclipse.paho.client.mqttv3.MqttClient(
                    "tcp://127.0.0.1:" + broker.port(), "paho", new MemoryPersistence());
            MqttConnectOptions options = new MqttConnectOptions();
            options.setUserName("ann");
            options.setPassword("a".toCharArray());
            paho.connect(options);

            String bobs =
                    Files.readString(passwords).lines().skip(1).findFirst().orElseThrow();
            Files.writeString(passwords, bobs + "\n" + user("carl", "c"));

            await().until(() -> !ann.getState().isConnected() && !paho.isConnected());
            assertThat(reasons).containsExactly(Mqtt5DisconnectReasonCode.NOT_AUTHORIZED);
            Mqtt5BlockingClient carl = connected(broker, "carl", "c");
            publish(bob, "still here");
            publish(carl, "new");
            assertThat(reader.read(2))
                    .extracting(stored -> TestBroker.text(stored.message()))
                    .containsExactly("still here", "new");
            paho.close();
        }
    }

    @Test
    void who_has_another_password_now_has_to_come_again_with_it() throws Exception {
        try (TestBroker broker = start()) {
            Mqtt5BlockingClient ann = connected(broker, "ann", "a");
            Files.writeString(passwords, user("ann", "other"));

            await().until(() -> !ann.getState().isConnected());
            assertThatThrownBy(() -> connected(broker, "ann", "a")).hasMessageContaining("BAD_USER_NAME_OR_PASSWORD");
            connected(broker, "ann", "other").disconnect();
        }
    }

    @Test
    void a_broken_file_leaves_the_one_before_in_force_and_is_said_once() throws Exception {
        try (LoggedEvents logged = LoggedEvents.since("io.sluice.broker.access");
                TestBroker broker = start()) {
            Mqtt5BlockingClient ann = connected(broker, "ann", "a");
            Files.writeString(passwords, "ann\n");
            Files.writeString(acl, "topik t\n");
            await().until(() -> warnings(logged).size() == 2);
            // Two more files come and count: the broken ones have been looked at again and again meanwhile.
            Mqtt5BlockingClient bob = connected(broker, "bob", "b");
            publish(bob, "m");
            Files.writeString(acl, "topic t/2\n");
            await().untilAsserted(
                            () -> assertThatThrownBy(() -> publish(bob, "m")).isInstanceOf(Mqtt5PubAckException.class));

            assertThat(ann.getState().isConnected()).isTrue();
            assertThat(warnings(logged))
                    .hasSize(2)
                    .anySatisfy(line -> assertThat(line)
                            .startsWith(
                                    "The changed password file cannot be used, and its previous content stays in force:"
                                            + " Line 1 of the password file " + passwords))
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("The changed ACL file cannot be used, and its previous content stays in force:"
                                    + " Line 1 of the ACL file " + acl));
        }
    }

    private List<String> warnings(LoggedEvents logged) {
        return logged.events().stream()
                .filter(event -> event.getLevel().equals(Level.WARN))
                .map(event -> event.getMessage().getFormattedMessage())
                .filter(line -> line.contains(passwords.toString()) || line.contains(acl.toString()))
                .toList();
    }

    @Test
    void a_right_that_is_gone_ends_publishes_and_deliveries_and_one_that_is_back_resumes_them() throws Exception {
        try (TestBroker broker = start()) {
            Mqtt5BlockingClient ann = connected(broker, "ann", "a");
            Mqtt5BlockingClient bob = connected(broker, "bob", "b");
            try (Mqtt5BlockingClient.Mqtt5Publishes heard = ann.publishes(MqttGlobalPublishFilter.ALL)) {
                ann.subscribeWith()
                        .topicFilter("t/#")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send();
                publish(bob, "before");
                assertThat(new String(heard.receive().getPayloadAsBytes(), UTF_8))
                        .isEqualTo("before");

                Files.writeString(acl, "user bob\ntopic t/#\nuser ann\ntopic write t/#\n");
                await().untilAsserted(() -> {
                    publish(bob, "lost?");
                    assertThat(heard.receiveNow().or(Optional::empty)).isEmpty();
                });
                Files.writeString(acl, "user bob\ntopic read t/#\nuser ann\ntopic t/#\n");
                await().untilAsserted(() ->
                        assertThatThrownBy(() -> publish(bob, "no")).isInstanceOf(Mqtt5PubAckException.class));
                publish(ann, "after");
                await().untilAsserted(() -> assertThat(
                                heard.receiveNow().map(got -> new String(got.getPayloadAsBytes(), UTF_8)))
                        .contains("after"));
            }
        }
    }

    @Test
    void a_message_that_was_captured_is_not_refused_when_it_is_sent_again_after_the_right_to_it_has_gone()
            throws Exception {
        byte[] connect = Mqtt.V5.connectPersistent("device");
        try (TestBroker broker = new TestBroker.Wanted().aclFile(acl).start();
                TestBroker.Reader reader = broker.attach("#")) {
            try (Peer device = Peer.at(broker.port()).connect(connect)) {
                device.send(Mqtt.V5.publish("t/1", 2, 7, "once"));
                device.next(Mqtt.PUBREC);
            }
            Files.writeString(acl, "topic other\n");
            try (Peer device = Peer.at(broker.port()).connect(connect)) {
                await().untilAsserted(() -> {
                    device.send(Mqtt.V5.publish("t/1", 1, 8, "refused"));
                    assertThat(device.next(Mqtt.PUBACK).body()).contains(0x87);
                });
                device.send(Mqtt.V5.publish("t/2", 0x0C, 7, new Bytes(), "another".getBytes(UTF_8)));
                assertThat(device.next(Mqtt.PUBREC).body()).contains(0x87);
                device.send(Mqtt.V5.publish("t/1", 0x0C, 7, new Bytes(), "once".getBytes(UTF_8)));
                assertThat(device.next(Mqtt.PUBREC).body()).as("no reason").containsExactly(0, 7);
            }
            assertThat(reader.read(1))
                    .extracting(stored -> TestBroker.text(stored.message()))
                    .containsExactly("once");
        }
    }
}
