package io.sluice.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.TestMessages;
import io.sluice.buffer.record.LanePositions;
import io.sluice.buffer.record.StoredMessage;
import io.sluice.message.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CompressionTest {

    private static final int MESSAGES = 60_000;

    @TempDir
    Path dir;

    private Served broker;
    private Proxy network;

    @BeforeEach
    void fill() throws Exception {
        broker = new Served(dir);
        network = new Proxy(broker.endpoint());
        broker.buffer().attach(TestMessages.spec("keeper"));
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            messages.add(TestMessages.message("device-" + i % 100, "t", payload(i)));
            if (messages.size() == 1_000) {
                TestMessages.appendAll(broker.buffer(), messages);
                messages.clear();
            }
        }
        TestMessages.append(broker.buffer(), TestMessages.message("last")).awaitSafe();
    }

    @AfterEach
    void close() throws Exception {
        network.close();
        broker.stop();
    }

    /** How many bytes came through, for each byte of records. */
    private double drain() throws Exception {
        try (RemoteAttachment remote =
                RemoteAttachment.attach(network.endpoint(), BufferCredentials.NONE, TestMessages.spec("remote"))) {
            remote.seek(LanePositions.all(-1));
            List<StoredMessage> all = TestMessages.read(remote, MESSAGES + 1);
            assertThat(all).hasSize(MESSAGES + 1);
            for (int i = 0; i < MESSAGES; i++) {
                assertThat(TestMessages.text(all.get(i))).isEqualTo(payload(i));
            }
        }
        return (double) network.passed() / broker.server().stats().sentBytes();
    }

    private static String payload(int i) {
        return ("{\"temperature\":" + i % 331 + ",\"unit\":\"Celsius\"},").repeat(10);
    }

    @Test
    void over_a_slow_network_what_is_sent_is_smaller_than_what_is_read() throws Exception {
        network.slowTo(10_000_000);
        assertThat(drain()).isLessThan(0.8);
    }
}
