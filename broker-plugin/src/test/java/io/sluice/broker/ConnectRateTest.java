package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.RealClient.Library;
import io.sluice.broker.RealClient.Publication;
import io.sluice.broker.RealClient.Settings;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How often clients may connect. */
@Timeout(60)
class ConnectRateTest {

    private static final Duration AT_ONCE = Duration.ofSeconds(3);
    private static final int SERVER_UNAVAILABLE_3 = 3;
    private static final int CONNECTION_RATE_EXCEEDED = 0x9F;

    private static TestBroker start(ConnectRates connects) {
        return new TestBroker.Wanted()
                .rates(new RateLimits(PublishRates.UNLIMITED, connects, RateLimits.LOGIN_DELAY))
                .start();
    }

    @Test
    void an_address_that_connects_too_often_is_closed_and_another_is_served() throws Exception {
        try (TestBroker broker = start(new ConnectRates(10_000, 5, 600))) {
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                peers.add(Peer.at(broker.port()));
            }
            await().until(() -> broker.broker().stats().door().turnedAway() >= 25);
            assertThat(peers.get(0).isClosedWithin(Duration.ofMillis(1))).isFalse();
            Socket elsewhere = new Socket();
            elsewhere.bind(new InetSocketAddress("127.0.0.3", 0));
            elsewhere.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.port()));
            new Peer(elsewhere).connect(Mqtt.V5.connect("elsewhere")).close();
            peers.forEach(Peer::close);
        }
    }

    @Test
    void an_address_that_goes_on_connecting_too_often_is_served_at_its_rate() throws Exception {
        try (TestBroker broker = start(new ConnectRates(10_000, 5, 600))) {
            for (int i = 0; i < 40; i++) {
                Peer.at(broker.port()).close();
            }
            await().pollInterval(Duration.ofMillis(50))
                    .atMost(AT_ONCE)
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> {
                        try (Peer next = Peer.at(broker.port())) {
                            return next.trySend(Mqtt.V5.connect("next"))
                                    && next.next(AT_ONCE).isPresent();
                        }
                    });
        }
    }

    @Test
    void when_all_connect_too_often_together_they_wait_and_none_is_refused() throws Exception {
        try (TestBroker broker = start(new ConnectRates(40, 1_000, 600))) {
            long begun = System.nanoTime();
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < 90; i++) {
                Peer peer = Peer.at(broker.port());
                peer.send(Mqtt.V5.connect("client-" + i));
                peers.add(peer);
            }
            for (Peer peer : peers) {
                assertThat(peer.next(Mqtt.CONNACK).body()[1]).isZero();
                peer.close();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(500));
            assertThat(broker.broker().stats().door().acceptPauses()).isPositive();
            assertThat(broker.broker().stats().door().turnedAway()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void a_client_that_connects_over_and_over_is_held_off_and_others_are_not(Library library) throws Exception {
        try (TestBroker broker = start(new ConnectRates(10_000, 1_000, 5));
                TestBroker.Reader reader = broker.attach("#")) {
            for (int i = 0; i < 5; i++) {
                try (RealClient flapping = library.open(Settings.of(broker, "flapping"))) {
                    flapping.connect();
                    flapping.disconnect();
                }
            }
            try (RealClient flapping = library.open(Settings.of(broker, "flapping"))) {
                Throwable refused = catchThrowable(flapping::connect);
                assertThat(flapping.refusal(refused))
                        .isEqualTo(library.speaksMqtt5() ? CONNECTION_RATE_EXCEEDED : SERVER_UNAVAILABLE_3);
            }
            assertThat(broker.broker().stats().door().heldOffClients()).isEqualTo(1);
            try (RealClient other = library.open(Settings.of(broker, "other"))) {
                other.connect();
                other.publish(Publication.of("t", "x", 1));
                assertThat(reader.read(1)).hasSize(1);
                other.disconnect();
            }
        }
    }

    /** Who is there stays there: it is the connects that are too many. */
    @Test
    void two_devices_with_one_name_do_not_chase_each_other_for_ever() throws Exception {
        try (TestBroker broker = start(new ConnectRates(10_000, 1_000, 5))) {
            List<Peer> peers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                peers.add(Peer.connected(broker.port(), Mqtt.V5, "twin"));
            }
            Peer sixth = Peer.at(broker.port());
            sixth.send(Mqtt.V5.connect("twin"));
            assertThat(sixth.next(Mqtt.CONNACK).body()[1] & 0xFF).isEqualTo(CONNECTION_RATE_EXCEEDED);
            assertThat(sixth.isClosedWithin(AT_ONCE)).isTrue();
            Peer fifth = peers.get(4);
            fifth.send(Mqtt.V5.publish("t", 1, 1, "x"));
            assertThat(fifth.next(Mqtt.PUBACK).packetId()).isEqualTo(1);
            peers.forEach(Peer::close);
            sixth.close();
        }
    }
}
