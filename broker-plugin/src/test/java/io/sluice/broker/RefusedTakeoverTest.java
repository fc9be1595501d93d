package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.broker.RealClient.Library;
import io.sluice.broker.RealClient.Publication;
import io.sluice.broker.RealClient.Settings;
import io.sluice.broker.rate.ConnectRates;
import io.sluice.broker.rate.PublishRates;
import io.sluice.broker.rate.RateLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that is refused leaves the one alone that is connected with its client identifier. */
@Timeout(60)
class RefusedTakeoverTest {

    @ParameterizedTest
    @EnumSource(Library.class)
    void a_client_that_may_not_leave_its_will_takes_over_nobody(Library library, @TempDir Path dir) throws Exception {
        Path rules = Files.writeString(dir.resolve("acl"), "topic write t\n");
        try (TestBroker broker = new TestBroker.Wanted().aclFile(rules).start();
                TestBroker.Reader reader = broker.attach("#");
                RealClient here = library.open(Settings.of(broker, "device"));
                RealClient refused =
                        library.open(Settings.of(broker, "device").withWill(Publication.of("forbidden", "gone", 1)))) {
            here.connect();
            assertThat(catchThrowable(refused::connect)).isNotNull();
            assertIsHere(here, reader);
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void a_client_that_connects_too_often_takes_over_nobody(Library library) throws Exception {
        RateLimits rates =
                new RateLimits(PublishRates.UNLIMITED, new ConnectRates(10_000, 1_000, 1), RateLimits.LOGIN_DELAY);
        try (TestBroker broker = new TestBroker.Wanted().rates(rates).start();
                TestBroker.Reader reader = broker.attach("#");
                RealClient here = library.open(Settings.of(broker, "device"));
                RealClient refused = library.open(Settings.of(broker, "device"))) {
            here.connect();
            assertThat(catchThrowable(refused::connect)).isNotNull();
            assertIsHere(here, reader);
        }
    }

    private static void assertIsHere(RealClient here, TestBroker.Reader reader) throws Exception {
        here.publish(Publication.of("t", "x", 1));
        assertThat(reader.read(1)).hasSize(1);
        assertThat(here.isConnected()).isTrue();
        here.disconnect();
    }
}
