package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules of the ACL file, as clients see them. */
class RightsTest {

    @TempDir
    private Path dir;

    private TestBroker start(String acl) throws Exception {
        return new TestBroker.Wanted()
                .aclFile(Files.writeString(dir.resolve("acl"), acl))
                .start();
    }

    private static Mqtt5BlockingClient connected(TestBroker broker, String id, String user) {
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(broker.port())
                .simpleAuth()
                .username(user)
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        return client;
    }

    private static void publish(Mqtt5BlockingClient client, String topic, MqttQos qos, String payload) {
        client.publishWith()
                .topic(topic)
                .qos(qos)
                .payload(payload.getBytes(UTF_8))
                .send();
    }

    @Test
    void a_client_with_an_odd_name_may_do_what_everybody_may_and_no_more() throws Exception {
        try (TestBroker broker = start("topic open/#\npattern own/%c/#\n")) {
            for (String id : List.of("a/b", "+", "#", "%c")) {
                Mqtt5BlockingClient client = connected(broker, id, "ann");
                publish(client, "open/a", MqttQos.AT_LEAST_ONCE, "m");
                assertThatThrownBy(() -> publish(client, "own/five/a", MqttQos.AT_LEAST_ONCE, "m"))
                        .as(id)
                        .isInstanceOf(Mqtt5PubAckException.class);
                assertThatThrownBy(() ->
                                client.subscribeWith().topicFilter("own/+/a").send())
                        .as(id)
                        .isInstanceOf(Mqtt5SubAckException.class);
                client.disconnect();
            }
        }
    }

    @Test
    void what_a_rule_denies_is_not_delivered_to_a_subscription_that_is_wider() throws Exception {
        try (TestBroker broker =
                start("user ann\ntopic read plants/#\ntopic deny plants/secret\nuser boss\ntopic plants/#\n")) {
            Mqtt5BlockingClient boss = connected(broker, "boss", "boss");
            boss.publishWith()
                    .topic("plants/secret")
                    .retain(true)
                    .payload("retained".getBytes(UTF_8))
                    .send();
            Mqtt5BlockingClient ann = connected(broker, "ann", "ann");
            try (Mqtt5BlockingClient.Mqtt5Publishes heard = ann.publishes(MqttGlobalPublishFilter.ALL)) {
                ann.subscribeWith()
                        .topicFilter("plants/#")
                        .qos(MqttQos.EXACTLY_ONCE)
                        .send();
                for (MqttQos qos : MqttQos.values()) {
                    publish(boss, "plants/secret", qos, "no");
                    publish(boss, "plants/1", qos, "yes " + qos);
                }
                List<String> received =
                        Stream.of(MqttQos.values()).map(qos -> next(heard)).toList();
                assertThat(received).allSatisfy(payload -> assertThat(payload).startsWith("yes "));
            }
            ann.disconnect();
            boss.disconnect();
        }
    }

    private static String next(Mqtt5BlockingClient.Mqtt5Publishes heard) {
        try {
            Optional<Mqtt5Publish> publish = heard.receive(10, TimeUnit.SECONDS);
            return new String(publish.orElseThrow().getPayloadAsBytes(), UTF_8);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void what_waits_for_a_client_that_is_away_is_asked_about_when_it_is_back() throws Exception {
        try (TestBroker broker =
                start("user ann\ntopic read plants/#\ntopic deny plants/secret\nuser boss\ntopic plants/#\n")) {
            Mqtt5BlockingClient boss = connected(broker, "boss", "boss");
            Mqtt5BlockingClient ann = connected(broker, "ann", "ann");
            ann.disconnect();
            ann.connectWith().cleanStart(false).sessionExpiryInterval(600).send();
            ann.subscribeWith()
                    .topicFilter("plants/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send();
            ann.disconnect();
            publish(boss, "plants/secret", MqttQos.AT_LEAST_ONCE, "no");
            publish(boss, "plants/1", MqttQos.AT_LEAST_ONCE, "yes");
            try (Mqtt5BlockingClient.Mqtt5Publishes heard = ann.publishes(MqttGlobalPublishFilter.ALL)) {
                ann.connectWith().cleanStart(false).sessionExpiryInterval(600).send();
                assertThat(next(heard)).isEqualTo("yes");
            }
            ann.disconnect();
            boss.disconnect();
        }
    }
}
