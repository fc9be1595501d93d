package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.sluice.broker.RealClient.Library;
import io.sluice.broker.RealClient.Settings;
import io.sluice.broker.door.DoorStats;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.RateLimits;
import io.sluice.broker.raw.Mqtt;
import io.sluice.broker.raw.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who guesses passwords has to wait; who knows one is let in. */
@Timeout(60)
class BruteForceTest {

    /** Her password is "secret". */
    private static final String ANN = "ann:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    private static final int BAD_USER_NAME_OR_PASSWORD = 0x86;
    private static final Duration DELAY = Duration.ofMillis(1_500);
    private static final String ATTACKER = "127.0.0.6";

    @TempDir
    Path dir;

    private TestBroker start(Duration delay) throws IOException {
        return new TestBroker.Wanted()
                .passwordFile(Files.writeString(dir.resolve("passwords"), ANN + "\n"))
                .rates(new RateLimits(PublishRates.UNLIMITED, ConnectRates.DEFAULT, delay))
                .start();
    }

    private static DoorStats door(TestBroker broker) {
        return broker.broker().stats().door();
    }

    private static Peer from(String address, TestBroker broker) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(address, 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.port()));
        return new Peer(socket);
    }

    private static Peer login(String address, TestBroker broker, String password) throws IOException {
        Peer peer = from(address, broker);
        peer.send(Mqtt.V5
                .connectHead(0xC2, 60)
                .u8(0)
                .text("client-of-" + address)
                .text("ann")
                .text(password)
                .packet(0x10));
        return peer;
    }

    private static int code(Peer peer) throws IOException {
        return peer.next(Mqtt.CONNACK).body()[1] & 0xFF;
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void guessing_takes_ever_longer_and_the_user_is_let_in_all_the_while(Library library) throws Exception {
        try (TestBroker broker = start(DELAY)) {
            Settings known = Settings.of(broker, "ann").withUser("ann", "secret");
            try (RealClient ann = library.open(known)) {
                ann.connect();
                ann.disconnect();
            }
            for (int i = 0; i < 5; i++) {
                try (Peer guess = login(ATTACKER, broker, "guess-" + i)) {
                    assertThat(code(guess)).isEqualTo(BAD_USER_NAME_OR_PASSWORD);
                }
            }
            List<Peer> guesses = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                guesses.add(login(ATTACKER, broker, "guess-more-" + i));
            }
            await().until(() -> door(broker).delayedLogins() == 30);
            try (RealClient ann = library.open(known)) {
                ann.connect();
                assertThat(door(broker).delayedLogins()).as("hers did not wait").isEqualTo(30);
                ann.disconnect();
            }
            try (Peer elsewhere = login("127.0.0.7", broker, "secret")) {
                assertThat(code(elsewhere)).as("from where she has never been").isZero();
            }
            for (Peer guess : guesses) {
                assertThat(code(guess)).isEqualTo(BAD_USER_NAME_OR_PASSWORD);
                guess.close();
            }
            assertThat(door(broker).wrongPasswords()).isEqualTo(35);
        }
    }

    @Test
    void a_wrong_password_of_a_real_client_is_still_answered_as_one() throws Exception {
        try (TestBroker broker = start(DELAY)) {
            for (Library library : Library.values()) {
                try (RealClient wrong =
                        library.open(Settings.of(broker, library.name()).withUser("ann", "wrong"))) {
                    Throwable refused = catchThrowable(wrong::connect);
                    assertThat(wrong.refusal(refused)).isEqualTo(library.speaksMqtt5() ? BAD_USER_NAME_OR_PASSWORD : 4);
                }
            }
        }
    }

    @Test
    void a_flood_of_guesses_is_turned_away() throws Exception {
        try (TestBroker broker = start(Duration.ofSeconds(30))) {
            for (int i = 0; i < 6; i++) {
                try (Peer guess = login(ATTACKER, broker, "guess-" + i)) {
                    assertThat(code(guess)).isEqualTo(BAD_USER_NAME_OR_PASSWORD);
                }
            }
            List<Peer> flood = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                flood.add(login(ATTACKER, broker, "flood-" + i));
            }
            await().until(() -> door(broker).heldOffClients() > 50);
            assertThat(door(broker).wrongPasswords()).isLessThan(250);
            flood.forEach(Peer::close);
        }
    }
}
