package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.packet.Packets;
import io.sluice.broker.packet.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Packets of all kinds with bits turned over, cut short and sent twice: the others must not notice. */
class FuzzTest {

    private static final int WITNESSES = 8;

    @Test
    void garbage_ends_its_own_connection_at_most() throws Exception {
        sendGarbage(400, 1);
    }

    @Test
    @Tag("soak")
    void much_garbage_ends_its_own_connection_at_most() throws Exception {
        sendGarbage(20_000, System.nanoTime());
    }

    private static void sendGarbage(int rounds, long seed) throws Exception {
        Random random = new Random(seed);
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("witness/#")) {
            List<RawClient> witnesses = new ArrayList<>();
            for (int i = 0; i < WITNESSES; i++) {
                witnesses.add(RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "witness-" + i));
            }
            for (int round = 0; round < rounds; round++) {
                MqttVersion version = random.nextBoolean() ? MqttVersion.MQTT_5 : MqttVersion.MQTT_3_1_1;
                try (RawClient evil = new RawClient(broker.port(), version)) {
                    byte[] connect = evil.encode(evil.connect("evil-" + random.nextInt(20), random.nextBoolean()));
                    byte[] packets = evil.encode(all(version, random));
                    if (random.nextInt(4) > 0) {
                        evil.sendBytes(connect, connect.length);
                        packets = mutate(packets, random);
                    } else {
                        packets = mutate(connect, random);
                    }
                    evil.sendBytes(packets, packets.length);
                    evil.read(random.nextInt(4) == 0 ? 2 : 1);
                } catch (IOException e) {
                    // closed while we were sending: as it should be
                    assertThat(e).isNotNull();
                }
            }
            for (RawClient witness : witnesses) {
                witness.send(RawClient.publish("witness/x", 1, 1, "here"));
                assertThat(witness.read(5_000)).as("seed %d", seed).isNotNull();
                witness.close();
            }
            assertThat(reader.read(WITNESSES)).hasSize(WITNESSES);
        }
    }

    private static MqttMessage[] all(MqttVersion version, Random random) {
        MqttProperties properties = new MqttProperties();
        if (version == MqttVersion.MQTT_5 && random.nextInt(3) == 0) {
            properties.add(new IntegerProperty(MqttPropertyType.TOPIC_ALIAS.value(), random.nextInt(3)));
        }
        return new MqttMessage[] {
            RawClient.publish("fuzz/a", random.nextInt(3), 1 + random.nextInt(3), "x"),
            MqttMessageBuilders.publish()
                    .topicName("fuzz/b")
                    .qos(MqttQoS.AT_LEAST_ONCE)
                    .messageId(5)
                    .properties(properties)
                    .payload(io.netty.buffer.Unpooled.wrappedBuffer(new byte[random.nextInt(300)]))
                    .build(),
            MqttMessageBuilders.subscribe()
                    .messageId(6)
                    .addSubscription(MqttQoS.valueOf(random.nextInt(3)), filter(random))
                    .build(),
            MqttMessageBuilders.unsubscribe()
                    .messageId(7)
                    .addTopicFilter(filter(random))
                    .build(),
            RawClient.pubrel(1 + random.nextInt(3)),
            Packets.puback(1 + random.nextInt(3), Reason.SUCCESS),
            Packets.pubrec(1 + random.nextInt(3), Reason.SUCCESS),
            Packets.pubcomp(1 + random.nextInt(3), Reason.SUCCESS),
            RawClient.publish("fuzz/c", random.nextInt(3), 1 + random.nextInt(3), "y")
        };
    }

    private static String filter(Random random) {
        String[] filters = {"fuzz/#", "+/+", "$share/g/fuzz/#", "$share/x", "#", "a//b", "/", "$SYS/#"};
        return filters[random.nextInt(filters.length)];
    }

    private static byte[] mutate(byte[] packets, Random random) {
        byte[] mutated = packets.clone();
        for (int i = random.nextInt(4); i > 0; i--) {
            mutated[random.nextInt(mutated.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return random.nextInt(5) == 0 ? java.util.Arrays.copyOf(mutated, random.nextInt(mutated.length)) : mutated;
    }
}
