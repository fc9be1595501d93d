package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import io.sluice.broker.RealClient.Library;
import io.sluice.broker.RealClient.Publication;
import io.sluice.broker.RealClient.Settings;
import io.sluice.broker.door.DoorStats;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.PublishRates.Limit;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.raw.Bytes;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How much may be published a second: what exceeds it comes later, and nothing is lost. That it comes no later than the
 * rate says is in {@code RateTest} and {@code PublishThrottleTest}, by a clock that no slow machine delays.
 */
@Timeout(60)
class PublishRateTest {

    private static final int QUOTA_EXCEEDED = 0x97;
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    private static TestBroker start(Limit client, Limit user, Limit all) {
        return start(new PublishRates(client, user, all, PublishRates.Excess.WAIT));
    }

    private static TestBroker start(PublishRates publishes) {
        return new TestBroker.Wanted()
                .rates(new RateLimits(publishes, ConnectRates.DEFAULT, RateLimits.LOGIN_DELAY))
                .start();
    }

    private static Limit messages(long perSecond) {
        return new Limit(OptionalLong.of(perSecond), OptionalLong.empty());
    }

    private static Duration since(long begun) {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static long delayed(TestBroker broker) {
        return broker.broker().stats().door().delayedPublishes();
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void each_client_publishes_as_fast_as_it_may_and_another_is_not_held_up(Library library) throws Exception {
        try (TestBroker broker = start(messages(20), Limit.NONE, Limit.NONE);
                TestBroker.Reader reader = broker.attach("#");
                RealClient fast = library.open(Settings.of(broker, "fast"));
                RealClient slow = library.open(Settings.of(broker, "slow"))) {
            slow.connect();
            // Before it connects, since it saves up from then on.
            long begun = System.nanoTime();
            fast.connect();
            for (int i = 0; i < 21; i++) {
                fast.publish(Publication.of("t", Integer.toString(i), i % 3));
            }
            assertThat(since(begun)).as("20 of them at 20 a second").isGreaterThan(Duration.ofMillis(950));
            long ofFast = delayed(broker);
            assertThat(ofFast).isPositive();
            slow.publish(Publication.of("u", "x", 1));
            assertThat(delayed(broker)).as("the other's did not wait").isEqualTo(ofFast);

            assertThat(reader.read(22)).hasSize(22);
            assertThat(fast.isConnected()).isTrue();
        }
    }

    @Test
    void clients_of_one_user_share_its_rate_and_those_of_another_do_not() throws Exception {
        try (TestBroker broker = start(Limit.NONE, messages(20), Limit.NONE);
                TestBroker.Reader reader = broker.attach("#")) {
            List<Peer> peers = new ArrayList<>();
            long begun = System.nanoTime();
            for (String user : List.of("ann", "ann", "bob")) {
                peers.add(Peer.at(broker.port())
                        .connect(Mqtt.V3_1_1
                                .connectHead(0x82, 60)
                                .text(user + peers.size())
                                .text(user)
                                .packet(0x10)));
            }
            peers.get(0).send(publishes(Mqtt.V3_1_1, 20));
            peers.get(1).send(publishes(Mqtt.V3_1_1, 20));
            awaitAnswers(peers.get(0), 20);
            awaitAnswers(peers.get(1), 20);
            assertThat(since(begun)).as("39 of them at 20 a second").isGreaterThan(Duration.ofMillis(1_900));

            long ofAnn = delayed(broker);
            assertThat(ofAnn).isPositive();
            peers.get(2).send(publishes(Mqtt.V3_1_1, 1));
            awaitAnswers(peers.get(2), 1);
            assertThat(delayed(broker)).as("that of bob did not wait").isEqualTo(ofAnn);
            assertThat(reader.read(41)).hasSize(41);
            peers.forEach(Peer::close);
        }
    }

    @Test
    void those_who_share_the_rate_of_all_take_turns() throws Exception {
        try (TestBroker broker = start(Limit.NONE, Limit.NONE, messages(60));
                TestBroker.Reader reader = broker.attach("#");
                Peer modest = Peer.connected(broker.port(), Mqtt.V5, "modest")) {
            Peer greedy = Peer.connected(broker.port(), Mqtt.V5, "greedy");
            long begun = System.nanoTime();
            greedy.send(publishes(Mqtt.V5, 1_000));
            awaitAnswers(greedy, 60);
            modest.send(publishes(Mqtt.V5, 1));
            awaitAnswers(modest, 1);
            awaitAnswers(greedy, 90);
            assertThat(since(begun))
                    .as("91 of them at 60 a second; as many are saved up")
                    .isGreaterThan(Duration.ofMillis(1_450));
            int ahead = 0;
            while (!reader.read(1).get(0).message().clientId().equals("modest")) {
                ahead++;
            }
            assertThat(ahead).as("not behind all of the other's").isLessThan(900);
            greedy.close();
        }
    }

    @Test
    void bytes_count_as_well_as_messages() throws Exception {
        Limit bytes = new Limit(OptionalLong.empty(), OptionalLong.of(20_000));
        try (TestBroker broker = start(bytes, Limit.NONE, Limit.NONE)) {
            long begun = System.nanoTime();
            try (Peer peer = Peer.connected(broker.port(), Mqtt.V3_1_1, "large")) {
                for (int id = 1; id <= 4; id++) {
                    peer.send(Mqtt.V3_1_1.publish("t", 1, id, "x".repeat(5_000)));
                }
                awaitAnswers(peer, 4);
            }
            assertThat(since(begun)).as("20,000 bytes at 20,000 a second").isGreaterThan(Duration.ofMillis(950));
            assertThat(delayed(broker)).isPositive();
        }
    }

    @Test
    void a_client_that_has_to_wait_is_answered_when_it_pings() throws Exception {
        try (TestBroker broker = start(messages(1), Limit.NONE, Limit.NONE);
                Peer peer = Peer.connected(broker.port(), Mqtt.V5, "waits")) {
            peer.send(publishes(Mqtt.V5, 30));
            awaitAnswers(peer, 1);
            peer.send(Mqtt.pingreq());
            int before = 0;
            while (peer.next().type() != Mqtt.PINGRESP) {
                before++;
            }
            assertThat(before).as("publishes answered before the ping").isLessThan(20);
        }
    }

    @Test
    void what_waits_when_the_client_goes_is_not_lost() throws Exception {
        try (TestBroker broker = start(messages(1), Limit.NONE, Limit.NONE);
                TestBroker.Reader reader = broker.attach("#")) {
            Peer peer = Peer.connected(broker.port(), Mqtt.V3_1_1, "hurried");
            peer.send(publishes(Mqtt.V3_1_1, 20), Mqtt.disconnect());
            peer.close();
            assertThat(reader.read(20)).hasSize(20);
        }
    }

    @Test
    void a_flood_is_not_read_further_and_takes_no_memory() throws Exception {
        try (TestBroker broker = start(messages(10), Limit.NONE, Limit.NONE);
                Peer flood = Peer.connected(broker.port(), Mqtt.V3_1_1, "flood");
                TestBroker.Reader reader = broker.attach("calm")) {
            byte[] some = Bytes.repeated(Mqtt.V3_1_1.publish("flood", 0, 0, "x".repeat(100)), 1_000);
            flood.flood(some, Duration.ofMillis(500));
            assertThat(broker.broker().stats().door().queuedBytes()).isLessThan(2 << 20);

            Mqtt5BlockingClient other = broker.connected("other");
            Mqtt5AsyncClient async = other.toAsync();
            List<CompletableFuture<?>> published = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                published.add(async.publishWith()
                        .topic("calm")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload("x".getBytes(StandardCharsets.UTF_8))
                        .send());
            }
            CompletableFuture.allOf(published.toArray(new CompletableFuture<?>[0]))
                    .join();
            assertThat(reader.read(5)).hasSize(5);
            other.disconnect();
        }
    }

    private static byte[] publishes(Mqtt version, int count) {
        Bytes all = new Bytes();
        for (int id = 1; id <= count; id++) {
            all.raw(version.publish("t", 1, id, "x"));
        }
        return all.array();
    }

    private static void awaitAnswers(Peer peer, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            peer.next(Mqtt.PUBACK);
        }
    }

    @Test
    void what_waits_when_a_client_goes_stops_the_others_for_a_moment_only() throws Exception {
        try (TestBroker broker = start(Limit.NONE, Limit.NONE, messages(2));
                TestBroker.Reader reader = broker.attach("#");
                Peer modest = Peer.connected(broker.port(), Mqtt.V3_1_1, "modest")) {
            Peer greedy = Peer.connected(broker.port(), Mqtt.V3_1_1, "greedy");
            greedy.send(Bytes.repeated(Mqtt.V3_1_1.publish("t", 0, 0, "x"), 40), Mqtt.disconnect());
            greedy.close();
            assertThat(reader.read(40)).hasSize(40);
            modest.send(publishes(Mqtt.V3_1_1, 1));
            assertThat(modest.next(A_SECOND.multipliedBy(10)))
                    .as("it would take 20 seconds to pay for all that was left")
                    .isPresent();
        }
    }

    @ParameterizedTest
    @EnumSource(PublishRates.Excess.class)
    void devices_that_come_publish_and_go_stop_the_others_for_a_moment_only(PublishRates.Excess excess)
            throws Exception {
        try (TestBroker broker = start(new PublishRates(Limit.NONE, Limit.NONE, messages(10), excess));
                Peer modest = Peer.connected(broker.port(), Mqtt.V3_1_1, "modest")) {
            for (int i = 0; i < 150; i++) {
                try (Peer hurried = Peer.connected(broker.port(), Mqtt.V5, "hurried")) {
                    hurried.send(publishes(Mqtt.V5, 10), Mqtt.pingreq());
                    hurried.next(Mqtt.PINGRESP);
                }
            }
            await().until(() -> broker.broker().stats().door().connections() == 1);
            long begun = System.nanoTime();
            modest.send(publishes(Mqtt.V3_1_1, 1));
            awaitAnswers(modest, 1);
            assertThat(since(begun)).isLessThan(A_SECOND.multipliedBy(3));
        }
    }

    @Test
    void where_the_excess_is_to_be_refused_an_mqtt_5_client_is_told_at_once_and_the_rest_waits() throws Exception {
        try (TestBroker broker =
                        start(new PublishRates(messages(2), Limit.NONE, Limit.NONE, PublishRates.Excess.REFUSE));
                TestBroker.Reader reader = broker.attach("#");
                Peer told = Peer.connected(broker.port(), Mqtt.V5, "told");
                Peer waits = Peer.connected(broker.port(), Mqtt.V3_1_1, "waits")) {
            told.send(new Bytes()
                    .raw(publishes(Mqtt.V5, 5))
                    .raw(Mqtt.V5.publish("t", 2, 6, "x"))
                    .raw(Mqtt.V5.publish("t", 2, 7, "x"))
                    .array());
            List<Integer> reasons = new ArrayList<>();
            for (int i = 1; i <= 7; i++) {
                Peer.Received answer = told.next();
                assertThat(answer.packetId()).as("in order").isEqualTo(i);
                reasons.add(answer.body().length > 2 ? answer.body()[2] & 0xFF : 0);
            }
            assertThat(delayed(broker)).as("publishes that waited").isZero();
            assertThat(reasons).startsWith(0).endsWith(QUOTA_EXCEEDED, QUOTA_EXCEEDED);
            long taken = reasons.stream().filter(reason -> reason == 0).count();
            DoorStats door = broker.broker().stats().door();
            assertThat(door.exceedingPublishes()).isEqualTo(7 - taken);
            assertThat(door.refusedPublishes()).isEqualTo(7 - taken);
            assertThat(reader.read((int) taken)).hasSize((int) taken);

            // What is sent again may have been taken before, and QoS 0 is not answered.
            told.send(Mqtt.V5.publish("t", 0x08 | 0x02, 8, new Bytes(), new byte[1]), Mqtt.V5.publish("t", 0, 0, "x"));
            assertThat(told.next().body()).hasSize(2);
            long begun = System.nanoTime();
            waits.send(publishes(Mqtt.V3_1_1, 3));
            awaitAnswers(waits, 3);
            assertThat(since(begun)).isGreaterThan(Duration.ofMillis(400));
            assertThat(reader.read(5)).hasSize(5);
            assertThat(broker.broker().stats().door().refusedPublishes()).isEqualTo(7 - taken);
        }
    }

    /** Those who wait are always ahead of the rate: whoever were refused for that would never be taken. */
    @Test
    void who_is_refused_has_its_turns_among_those_who_wait_for_the_rate_that_they_share() throws Exception {
        try (TestBroker broker =
                        start(new PublishRates(Limit.NONE, Limit.NONE, messages(40), PublishRates.Excess.REFUSE));
                TestBroker.Reader reader = broker.attach("#");
                Peer waits = Peer.connected(broker.port(), Mqtt.V3_1_1, "waits");
                Peer told = Peer.connected(broker.port(), Mqtt.V5, "told")) {
            waits.send(publishes(Mqtt.V3_1_1, 1_000));
            awaitAnswers(waits, 42);

            List<Integer> reasons = new ArrayList<>();
            await().pollInterval(Duration.ofMillis(20)).until(() -> {
                reasons.add(reason(told, "x"));
                return reasons.stream().filter(reason -> reason == 0).count() == 4;
            });
            assertThat(reasons).contains(QUOTA_EXCEEDED);
            awaitAnswers(waits, 8);
            assertThat(reader.read(54)).hasSizeGreaterThanOrEqualTo(54);
        }
    }

    @Test
    void who_publishes_seldom_is_not_refused_over_and_over_while_others_use_the_rate_up() throws Exception {
        int perSecond = 200;
        try (TestBroker broker = start(
                        new PublishRates(Limit.NONE, Limit.NONE, messages(perSecond), PublishRates.Excess.REFUSE));
                Peer waits = Peer.connected(broker.port(), Mqtt.V3_1_1, "waits");
                Peer told = Peer.connected(broker.port(), Mqtt.V5, "told")) {
            waits.send(publishes(Mqtt.V3_1_1, 10 * perSecond));
            awaitAnswers(waits, perSecond + perSecond / 10);
            await().pollInterval(Duration.ofMillis(20)).until(() -> reason(told, "x") == QUOTA_EXCEEDED);
            // It comes back when its turn has lapsed.
            awaitAnswers(waits, 5 * perSecond / 2);
            assertThat(reason(told, "x")).isZero();
        }
    }

    @Test
    void a_turn_that_a_small_publish_was_refused_for_is_no_way_in_for_large_ones() throws Exception {
        Limit bytes = new Limit(OptionalLong.empty(), OptionalLong.of(10_000));
        try (TestBroker broker = start(new PublishRates(bytes, Limit.NONE, Limit.NONE, PublishRates.Excess.REFUSE));
                Peer told = Peer.connected(broker.port(), Mqtt.V5, "told")) {
            long begun = System.nanoTime();
            int large = 0;
            while (large == 0 || since(begun).compareTo(A_SECOND) < 0) {
                reason(told, "x");
                large += reason(told, "x".repeat(5_000)) == 0 ? 1 : 0;
            }
            assertThat(large)
                    .as("two a second, and the one whose turn has come")
                    .isLessThanOrEqualTo((int) (2 * since(begun).toMillis() / 1_000) + 2);
        }
    }

    private static int reason(Peer peer, String payload) throws Exception {
        peer.send(Mqtt.V5.publish("t", 1, 1, payload));
        byte[] answer = peer.next(Mqtt.PUBACK).body();
        return answer.length > 2 ? answer[2] & 0xFF : 0;
    }

    @ParameterizedTest
    @EnumSource(
            value = Library.class,
            names = {"PAHO_5", "HIVEMQ_5"})
    void a_real_client_hears_that_it_publishes_too_much_and_goes_on(Library library) throws Exception {
        try (TestBroker broker =
                        start(new PublishRates(messages(1), Limit.NONE, Limit.NONE, PublishRates.Excess.REFUSE));
                TestBroker.Reader reader = broker.attach("#");
                RealClient client = library.open(Settings.of(broker, "told"))) {
            client.connect();
            Publication publication = Publication.of("t", "x", 1);
            // The first is taken, and one more whenever a second has passed.
            Throwable told = catchThrowable(() -> {
                for (int i = 0; i < 10; i++) {
                    client.publish(publication);
                }
            });
            assertThat(client.refusal(told)).isEqualTo(QUOTA_EXCEEDED);
            await().ignoreExceptions().untilAsserted(() -> client.publish(publication));
            assertThat(reader.read(2)).hasSizeGreaterThanOrEqualTo(2);
            assertThat(client.isConnected()).isTrue();
        }
    }
}
