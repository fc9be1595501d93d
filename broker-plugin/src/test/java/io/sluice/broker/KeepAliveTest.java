package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long a client may be silent (MQTT 5, sections 3.1.2.10 and 3.2.2.3.14). */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class KeepAliveTest {

    private static final int LONGEST_SECONDS = 1;
    private static final Duration WELL_BEYOND = Duration.ofSeconds(4);

    private static TestBroker start() {
        return new TestBroker.Wanted()
                .maxKeepAlive(Duration.ofSeconds(LONGEST_SECONDS))
                .start();
    }

    private static byte[] connect(Mqtt version, int keepAliveSeconds) {
        Bytes connect = version.connectHead(Mqtt.CLEAN, keepAliveSeconds);
        return (version == Mqtt.V5 ? connect.properties(new Bytes()) : connect)
                .text("x")
                .packet(0x10);
    }

    /** [MQTT-3.2.2-21]. */
    @ParameterizedTest
    @CsvSource({"60", "0"})
    void an_mqtt_5_client_is_told_the_longest_keep_alive_and_held_to_it(int keepAliveSeconds) throws Exception {
        try (TestBroker broker = start();
                Peer peer = Peer.at(broker.port())) {
            peer.send(connect(Mqtt.V5, keepAliveSeconds));
            assertThat(HexFormat.of().formatHex(peer.next(Mqtt.CONNACK).body())).contains("130001");
            assertThat(peer.isClosedWithin(WELL_BEYOND)).isTrue();
        }
    }

    /** It could not be told. */
    @Test
    void an_mqtt_3_client_keeps_its_own() throws Exception {
        try (TestBroker broker = start();
                Peer peer = Peer.at(broker.port())) {
            peer.connect(connect(Mqtt.V3_1_1, 60));
            assertThat(peer.isClosedWithin(WELL_BEYOND)).isFalse();
        }
    }

    @Test
    void a_client_is_told_nothing_unless_there_is_a_longest() throws Exception {
        try (TestBroker broker = TestBroker.start();
                Peer peer = Peer.at(broker.port())) {
            peer.send(connect(Mqtt.V5, 60));
            byte[] connack = peer.next(Mqtt.CONNACK).body();
            assertThat(HexFormat.of().formatHex(Arrays.copyOfRange(connack, 3, connack.length)))
                    .startsWith("11")
                    .doesNotContain("13003c");
        }
    }
}
