package io.sluice.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.mqtt.MqttVersion;
import io.sluice.broker.RealClient.Library;
import io.sluice.broker.RealClient.Publication;
import io.sluice.broker.RealClient.Settings;
import io.sluice.broker.RealClient.Trust;
import io.sluice.broker.door.transport.Listener.Transport;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import io.sluice.message.MessageKind;
import io.sluice.tls.TlsConfig;
import io.sluice.tls.TlsConfig.ClientAuth;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Client libraries that devices use, against a broker that captures what they publish. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class InteroperabilityTest {

    private static final int BAD_USER_NAME_OR_PASSWORD_3 = 4;
    private static final int BAD_USER_NAME_OR_PASSWORD_5 = 0x86;
    private static final int NOT_AUTHORIZED_3 = 5;
    private static final int NOT_AUTHORIZED_5 = 0x87;
    private static final int SUBSCRIPTION_REFUSED_3 = 0x80;

    /** More than a segment of TCP, a TLS record or a default WebSocket frame holds. */
    private static final int LARGE = 300_000;

    @TempDir
    static Path dir;

    private static TestKeys keys;
    private static Trust trust;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = new TestKeys(dir);
        keys.make("broker");
        trust = Trust.of(keys.trusting("broker"));
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void publishes_are_captured_at_every_qos_and_in_their_order(Library library) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RealClient device = library.open(Settings.of(broker, "device"))) {
            device.connect();
            List<Publication> published = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                published.add(new Publication("a/" + i % 2, "number " + i, i % 3, i % 5 == 0));
            }
            for (Publication publication : published) {
                device.publish(publication);
            }
            assertThat(reader.read(60))
                    .extracting(stored -> publication(stored.message()))
                    .containsExactlyElementsOf(published);
            assertThat(reader.next(1, Duration.ofMillis(100))).isEmpty();
        }
    }

    static Stream<Arguments> librariesAndTransports() {
        return Arrays.stream(Library.values())
                .flatMap(library ->
                        Arrays.stream(Transport.values()).map(transport -> Arguments.of(library, transport)));
    }

    @ParameterizedTest
    @MethodSource("librariesAndTransports")
    void large_and_small_messages_go_both_ways_over_every_transport(Library library, Transport transport)
            throws Exception {
        TestBroker.Wanted wanted = new TestBroker.Wanted()
                .listeners("tcp://127.0.0.1:0", "ssl://127.0.0.1:0", "ws://127.0.0.1:0", "wss://127.0.0.1:0")
                .tls(new TlsConfig(keys.store("broker"), Optional.empty(), Optional.empty(), ClientAuth.NONE));
        try (TestBroker broker = wanted.start();
                TestBroker.Reader reader = broker.attach("#");
                RealClient device =
                        library.open(Settings.of(broker, "device").over(transport, broker.port(transport), trust))) {
            device.connect();
            device.subscribe("size/#", 1);
            List<Publication> published = List.of(
                    Publication.of("size/small", "x", 1),
                    Publication.of("size/large", "x".repeat(LARGE), 1),
                    Publication.of("size/none", "", 1));
            for (Publication publication : published) {
                device.publish(publication);
            }
            assertThat(reader.read(3))
                    .extracting(stored -> publication(stored.message()))
                    .containsExactlyElementsOf(published);
            await().untilAsserted(() -> assertThat(device.received()).containsExactlyElementsOf(published));
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void subscribers_get_what_they_asked_for_until_they_unsubscribe(Library library) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RealClient device = library.open(Settings.of(broker, "device"));
                RealClient subscriber = library.open(Settings.of(broker, "subscriber"))) {
            device.connect();
            subscriber.connect();
            subscriber.subscribe("floor/+/light", 2);
            subscriber.subscribe("floor/1/#", 1);
            for (int qos = 0; qos <= 2; qos++) {
                device.publish(Publication.of("floor/2/light", "at " + qos, qos));
                device.publish(Publication.of("floor/2/heat", "unwanted", qos));
            }
            device.publish(Publication.of("floor/1/heat", "less", 2));
            await().untilAsserted(() -> assertThat(subscriber.received())
                    .containsExactlyInAnyOrder(
                            Publication.of("floor/2/light", "at 0", 0),
                            Publication.of("floor/2/light", "at 1", 1),
                            Publication.of("floor/2/light", "at 2", 2),
                            Publication.of("floor/1/heat", "less", 1)));
            subscriber.unsubscribe("floor/+/light");
            device.publish(Publication.of("floor/2/light", "unwanted now", 1));
            device.publish(Publication.of("floor/1/heat", "last", 1));
            await().untilAsserted(() ->
                    assertThat(subscriber.received()).contains(Publication.of("floor/1/heat", "last", 1)));
            assertThat(subscriber.received())
                    .extracting(Publication::payload)
                    .doesNotContain("unwanted", "unwanted now");
            assertThat(reader.read(9)).hasSize(9);
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void retained_messages_are_kept_for_later_subscribers_and_removed_by_an_empty_one(Library library)
            throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RealClient device = library.open(Settings.of(broker, "device"));
                RealClient late = library.open(Settings.of(broker, "late"));
                RealClient later = library.open(Settings.of(broker, "later"))) {
            device.connect();
            Publication state = new Publication("state/door", "open", 1, true);
            device.publish(state);
            late.connect();
            late.subscribe("state/#", 1);
            await().untilAsserted(() -> assertThat(late.received()).containsExactly(state));

            device.publish(new Publication("state/door", "", 1, true));
            device.publish(new Publication("state/lamp", "on", 1, true));
            later.connect();
            later.subscribe("state/#", 1);
            await().untilAsserted(() ->
                    assertThat(later.received()).containsExactly(new Publication("state/lamp", "on", 1, true)));
            assertThat(reader.read(3))
                    .extracting(stored -> publication(stored.message()))
                    .containsExactly(
                            state,
                            new Publication("state/door", "", 1, true),
                            new Publication("state/lamp", "on", 1, true));
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void a_lasting_session_is_found_again_with_what_was_published_meanwhile(Library library) throws Exception {
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RealClient device = library.open(Settings.of(broker, "device"));
                RealClient sleeper = library.open(Settings.of(broker, "sleeper").withLastingSession())) {
            assertThat(sleeper.connect()).isFalse();
            sleeper.subscribe("t", 2);
            sleeper.disconnect();
            device.connect();
            device.publish(Publication.of("t", "at least once", 1));
            device.publish(Publication.of("t", "exactly once", 2));
            assertThat(sleeper.connect()).isTrue();
            await().untilAsserted(() -> assertThat(sleeper.received())
                    .containsExactly(Publication.of("t", "at least once", 1), Publication.of("t", "exactly once", 2)));
            assertThat(reader.read(2)).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void a_client_that_is_taken_over_leaves_its_will_and_one_that_says_goodbye_does_not(Library library)
            throws Exception {
        Publication last = new Publication("status/device", "gone", 1, true);
        try (TestBroker broker = TestBroker.start();
                TestBroker.Reader reader = broker.attach("#");
                RealClient subscriber = library.open(Settings.of(broker, "subscriber"));
                RealClient polite = library.open(Settings.of(broker, "polite").withWill(last));
                RealClient device = library.open(Settings.of(broker, "device").withWill(last))) {
            subscriber.connect();
            subscriber.subscribe("status/#", 1);
            polite.connect();
            polite.disconnect();
            device.connect();
            try (RawClient other = RawClient.connected(broker.port(), MqttVersion.MQTT_3_1_1, "device")) {
                StoredMessage captured = reader.read(1).get(0);
                assertThat(captured.message().kind()).isEqualTo(MessageKind.WILL);
                assertThat(publication(captured.message())).isEqualTo(last);
                assertThat(captured.message().clientId()).isEqualTo("device");
                await().until(() -> !device.isConnected());
                await().untilAsserted(() -> assertThat(subscriber.received())
                        .containsExactly(Publication.of(last.topic(), last.payload(), last.qos())));
                other.send(RawClient.publish("t", 0, 0, "behind it"));
                assertThat(reader.read(1))
                        .extracting(stored -> stored.message().topic())
                        .containsExactly("t");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void a_client_with_a_wrong_password_is_told_so(Library library, @TempDir Path files) throws Exception {
        Path passwords = Files.writeString(
                files.resolve("passwords"), "ann:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\n");
        try (TestBroker broker = new TestBroker.Wanted().passwordFile(passwords).start();
                TestBroker.Reader reader = broker.attach("#");
                RealClient ann = library.open(Settings.of(broker, "a").withUser("ann", "secret"));
                RealClient bob = library.open(Settings.of(broker, "b").withUser("ann", "guess"))) {
            ann.connect();
            ann.publish(Publication.of("t", "x", 1));
            assertThat(reader.read(1))
                    .extracting(stored -> stored.message().username())
                    .containsExactly(Optional.of("ann"));
            assertThat(bob.refusal(catchThrowable(bob::connect)))
                    .isEqualTo(library.speaksMqtt5() ? BAD_USER_NAME_OR_PASSWORD_5 : BAD_USER_NAME_OR_PASSWORD_3);
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void a_client_hears_what_it_may_not_do(Library library, @TempDir Path files) throws Exception {
        Path acl = Files.writeString(files.resolve("acl"), "topic write open/#\ntopic read open/#\n");
        int notAuthorized = library.speaksMqtt5() ? NOT_AUTHORIZED_5 : NOT_AUTHORIZED_3;
        try (TestBroker broker = new TestBroker.Wanted().aclFile(acl).start();
                TestBroker.Reader reader = broker.attach("#");
                RealClient device = library.open(Settings.of(broker, "device"));
                RealClient willing =
                        library.open(Settings.of(broker, "willing").withWill(Publication.of("closed", "x", 0)))) {
            device.connect();
            assertThat(device.refusal(catchThrowable(() -> device.subscribe("closed", 1))))
                    .as("SUBACK")
                    .isEqualTo(library.speaksMqtt5() ? NOT_AUTHORIZED_5 : SUBSCRIPTION_REFUSED_3);
            assertThat(willing.refusal(catchThrowable(willing::connect)))
                    .as("CONNACK")
                    .isEqualTo(notAuthorized);
            device.publish(Publication.of("open/door", "x", 1));
            for (int qos = 1; qos <= 2 && library.speaksMqtt5(); qos++) {
                Publication refused = Publication.of("closed", "x", qos);
                assertThat(device.refusal(catchThrowable(() -> device.publish(refused))))
                        .as("PUBACK, PUBREC")
                        .isEqualTo(notAuthorized);
            }
            if (!library.speaksMqtt5()) {
                assertThat(catchThrowable(() -> device.publish(Publication.of("closed", "x", 1))))
                        .isNotNull();
                await().until(() -> !device.isConnected());
            }
            assertThat(reader.read(1))
                    .extracting(stored -> stored.message().topic())
                    .containsExactly("open/door");
            assertThat(reader.next(1, Duration.ofMillis(100))).isEmpty();
        }
    }

    private static Publication publication(Message message) {
        return new Publication(
                message.topic(),
                UTF_8.decode(message.payload().duplicate()).toString(),
                message.qos().level(),
                message.retained());
    }
}
