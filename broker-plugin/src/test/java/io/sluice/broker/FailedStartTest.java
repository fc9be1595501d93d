package io.sluice.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.sluice.broker.session.TestSessions;
import io.sluice.buffer.TestMessages;
import io.sluice.file.CountedFolder;
import io.sluice.file.FaultyFolder;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a broker that could not start. */
@Timeout(120)
class FailedStartTest {

    private static final int STARTS = 30;

    private static long descriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    @Test
    void a_broker_whose_port_is_taken_leaves_no_descriptor_and_no_thread(@TempDir Path dir) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            BrokerConfig config = new TestBroker.Wanted()
                    .buffer(TestBroker.disk(dir))
                    .listeners("tcp://127.0.0.1:" + taken.getLocalPort())
                    .config();
            assertThatThrownBy(() -> EmbeddedBroker.acquire(config)).isInstanceOf(BrokerException.class);
            long descriptors = descriptors();
            int threads = threads();
            for (int i = 0; i < STARTS; i++) {
                assertThatThrownBy(() -> EmbeddedBroker.acquire(config)).isInstanceOf(BrokerException.class);
            }
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                assertThat(descriptors()).isLessThan(descriptors + STARTS);
                assertThat(threads()).isLessThan(threads + STARTS);
            });
        }
    }

    @Test
    void a_broker_that_lacks_memory_for_its_sessions_leaves_its_buffer_closed() {
        CountedFolder disk = new CountedFolder(new FaultyFolder());

        assertThatThrownBy(() -> RunningBroker.start(
                        TestBroker.config(), buffer -> {}, wanted -> TestMessages.open(wanted, disk), (dir, limits) -> {
                            throw new OutOfMemoryError("in this test");
                        }))
                .isInstanceOf(OutOfMemoryError.class);

        assertThat(disk.openFiles()).isZero();
        assertThat(disk.isReleased()).isTrue();
    }

    @Test
    void a_broker_that_cannot_restore_its_sessions_leaves_no_thread() {
        int before = threads();
        for (int i = 0; i < STARTS; i++) {
            assertThatThrownBy(() -> RunningBroker.start(
                            TestBroker.config(),
                            buffer -> {},
                            wanted -> TestMessages.open(wanted, new FaultyFolder()),
                            (dir, limits) -> TestSessions.withSubscriptionThatIsNone(limits)))
                    .isInstanceOf(RuntimeException.class);
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(threads()).isLessThan(before + STARTS));
    }
}
