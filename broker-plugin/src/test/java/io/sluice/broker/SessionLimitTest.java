package io.sluice.broker;

import static io.sluice.broker.raw.Mqtt.V3_1_1;
import static io.sluice.broker.raw.Mqtt.V5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import io.sluice.broker.RealClient.Library;
import io.sluice.broker.RealClient.Settings;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import io.sluice.broker.session.Refusal;
import io.sluice.broker.session.SessionLimits;
import io.sluice.broker.session.SessionStats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many sessions are kept, and how much one client may subscribe to. */
@Timeout(60)
class SessionLimitTest {

    private static final int QUOTA_EXCEEDED = 0x97;
    private static final int SERVER_UNAVAILABLE = 3;
    private static final Duration AT_ONCE = Duration.ofSeconds(3);

    private static SessionLimits limits(int sessions, int subscriptions) {
        return limits(sessions, subscriptions, SessionLimits.DEFAULT.storedBytes());
    }

    private static SessionLimits limits(int sessions, int subscriptions, long storedBytes) {
        SessionLimits usual = SessionLimits.DEFAULT;
        return new SessionLimits(
                sessions,
                usual.queueMessages(),
                usual.queueBytes(),
                subscriptions,
                3 * subscriptions,
                usual.retainedMessages(),
                usual.retainedBytes(),
                storedBytes);
    }

    /** What CONNACK says. */
    private static byte[] connack(TestBroker broker, byte[] connect) throws IOException {
        try (Peer peer = Peer.at(broker.port())) {
            peer.send(connect);
            byte[] connack = peer.next(Mqtt.CONNACK).body();
            if (connack[1] == 0) {
                peer.send(Mqtt.disconnect());
            }
            assertThat(peer.isClosedWithin(AT_ONCE)).isTrue();
            return connack;
        }
    }

    private static int code(TestBroker broker, byte[] connect) throws IOException {
        return connack(broker, connect)[1] & 0xFF;
    }

    @Test
    void a_new_session_beyond_the_limit_is_refused_with_a_reason_and_others_go_on(@TempDir Path dir) throws Exception {
        TestBroker.Wanted wanted =
                new TestBroker.Wanted().buffer(TestBroker.disk(dir)).sessionLimits(limits(2, 10));
        try (TestBroker broker = wanted.start();
                TestBroker.Reader reader = broker.attach("#")) {
            assertThat(code(broker, V5.connectPersistent("one"))).isZero();
            assertThat(code(broker, V3_1_1.connectPersistent("two"))).isZero();

            assertThat(code(broker, V5.connectPersistent("three"))).isEqualTo(QUOTA_EXCEEDED);
            assertThat(code(broker, V3_1_1.connectPersistent("three"))).isEqualTo(SERVER_UNAVAILABLE);
            assertThat(broker.broker().stats().door().refusedClients()).isEqualTo(2);
            assertThat(broker.broker().stats().sessions().refused()).containsEntry(Refusal.SESSIONS, 2L);

            for (Mqtt version : Mqtt.values()) {
                try (Peer passing = Peer.connected(broker.port(), version, "passing")) {
                    passing.send(version.publish("t", 1, 1, "m"));
                    assertThat(passing.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
                }
            }
            assertThat(reader.read(3)).hasSize(3);
            assertThat(connack(broker, V5.connectPersistent("one"))[0])
                    .as("session present")
                    .isEqualTo((byte) 1);
        }
        try (TestBroker broker = wanted.start()) {
            assertThat(code(broker, V5.connectPersistent("three"))).isEqualTo(QUOTA_EXCEEDED);
            assertThat(connack(broker, V3_1_1.connectPersistent("two"))[0])
                    .as("session present")
                    .isEqualTo((byte) 1);

            assertThat(code(broker, V3_1_1.connect("two")))
                    .as("ends its session")
                    .isZero();
            await().untilAsserted(() ->
                    assertThat(code(broker, V5.connectPersistent("three"))).isZero());
        }
    }

    /** What was granted stays, also where less is granted later. */
    @Test
    void sessions_with_long_client_ids_are_refused_before_a_queued_message_is_lost_for_them(@TempDir Path dir)
            throws Exception {
        String longId = "x".repeat(60_000);
        TestBroker.Wanted wanted =
                new TestBroker.Wanted().buffer(TestBroker.disk(dir)).sessionLimits(limits(100, 10, 1 << 20));
        try (TestBroker broker = wanted.start()) {
            try (Peer away = Peer.at(broker.port())) {
                away.connect(V5.connectPersistent("away"));
                away.send(V5.subscribe(1, 1, "t"), Mqtt.disconnect());
                assertThat(away.isClosedWithin(AT_ONCE)).isTrue();
            }
            assertThat(code(broker, V5.connectPersistent("0" + longId))).isZero();
            publish(broker, 10);
            for (int i = 1; i < 50; i++) {
                assertThat(code(broker, V5.connectPersistent(i + longId))).isIn(0, QUOTA_EXCEEDED);
            }
            publish(broker, 1);
            SessionStats stats = broker.broker().stats().sessions();
            assertThat(stats.queuedMessages()).isEqualTo(11);
            assertThat(stats.dropped().values()).containsOnly(0L);
            assertThat(stats.sessions()).isBetween(2, 5);
            assertThat(stats.refused()).containsEntry(Refusal.SESSIONS, 51L - stats.sessions());
            assertThat(code(broker, V5.connectPersistent("short"))).isZero();
        }
        try (TestBroker broker = wanted.sessionLimits(limits(1, 10, 1 << 20)).start()) {
            assertThat(connack(broker, V5.connectPersistent("0" + longId)))
                    .as("session present")
                    .startsWith(1, 0);
            assertThat(broker.broker().stats().sessions().queuedMessages()).isEqualTo(11);
        }
    }

    private static void publish(TestBroker broker, int count) throws IOException {
        try (Peer publisher = Peer.connected(broker.port(), V5, "publisher")) {
            for (int i = 1; i <= count; i++) {
                publisher.send(V5.publish("t", 1, i, "m".repeat(50_000)));
                assertThat(publisher.next(Mqtt.PUBACK).packetId()).isEqualTo(i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void every_library_is_told_that_there_are_too_many_sessions(Library library) throws Exception {
        try (TestBroker broker =
                        new TestBroker.Wanted().sessionLimits(limits(1, 10)).start();
                RealClient first = library.open(Settings.of(broker, "first").withLastingSession());
                RealClient second = library.open(Settings.of(broker, "second").withLastingSession())) {
            first.connect();
            assertThat(second.refusal(catchThrowable(second::connect)))
                    .isEqualTo(library.speaksMqtt5() ? QUOTA_EXCEEDED : SERVER_UNAVAILABLE);
            assertThat(first.isConnected()).isTrue();
        }
    }

    @Test
    void a_client_that_begins_anew_takes_the_place_of_its_own_session() throws Exception {
        try (TestBroker broker =
                new TestBroker.Wanted().sessionLimits(limits(1, 10)).start()) {
            assertThat(code(broker, V5.connectPersistent("one"))).isZero();
            byte[] anew = V5.connect("one", Mqtt.CLEAN, Bytes.of(0x11).u32(3_600));
            assertThat(connack(broker, anew)).startsWith(0, 0);
        }
    }

    /** What was granted and not stored would be gone with the next start of the broker. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void subscriptions_that_hold_more_bytes_than_they_may_are_refused_in_suback(boolean persistent) throws Exception {
        try (TestBroker broker =
                        new TestBroker.Wanted().sessionLimits(limits(10, 10)).start();
                Peer peer = Peer.at(broker.port())) {
            peer.connect(persistent ? V5.connectPersistent("one") : V5.connect("one"));
            peer.send(V5.subscribe(1, 1, "a".repeat(60_000), "b".repeat(60_000), "c"));
            byte[] suback = peer.next(Mqtt.SUBACK).body();
            assertThat(suback).endsWith(1, QUOTA_EXCEEDED, 1);
            peer.send(V5.subscribe(2, 1, "d".repeat(60_000), "a".repeat(60_000)));
            assertThat(peer.next(Mqtt.SUBACK).body()).endsWith(QUOTA_EXCEEDED, 1);
            peer.send(V5.unsubscribe(3, "a".repeat(60_000)), V5.subscribe(4, 1, "d".repeat(60_000)));
            peer.next(Mqtt.UNSUBACK);
            assertThat(peer.next(Mqtt.SUBACK).body()).endsWith(1);
            assertThat(broker.broker().stats().sessions().subscriptions()).isEqualTo(2);
        }
    }

    /** As long as each has few, many clients could have more than the broker can bear. */
    @Test
    void subscriptions_of_all_clients_together_are_bounded() throws Exception {
        try (TestBroker broker =
                new TestBroker.Wanted().sessionLimits(limits(10, 2)).start()) {
            List<Mqtt5BlockingClient> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(broker.connected("client-" + i));
            }
            for (Mqtt5BlockingClient client : clients.subList(0, 3)) {
                client.subscribeWith().topicFilter("a").send();
                client.subscribeWith().topicFilter("b").send();
            }
            assertThatThrownBy(() ->
                            clients.get(3).subscribeWith().topicFilter("a").send())
                    .isInstanceOfSatisfying(
                            Mqtt5SubAckException.class,
                            refused -> assertThat(refused.getMqttMessage().getReasonCodes())
                                    .containsExactly(Mqtt5SubAckReasonCode.QUOTA_EXCEEDED));
            assertThat(broker.broker().stats().sessions().refused()).containsEntry(Refusal.ALL_SUBSCRIPTIONS, 1L);
            assertThat(BrokerMetric.REFUSED_SUBSCRIPTIONS.number(broker.broker().stats()))
                    .isEqualTo(1);
            assertThat(BrokerMetric.SUBSCRIPTIONS.number(broker.broker().stats()))
                    .isEqualTo(6);

            clients.get(0).disconnect();
            await().untilAsserted(() ->
                    clients.get(3).subscribeWith().topicFilter("a").send());
            clients.subList(1, 4).forEach(Mqtt5BlockingClient::disconnect);
        }
    }
}
