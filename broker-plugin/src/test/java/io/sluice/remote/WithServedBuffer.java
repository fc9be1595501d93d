package io.sluice.remote;

import static io.sluice.remote.Served.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.buffer.consumer.Attachment;
import io.sluice.buffer.record.ReadBatch;
import io.sluice.buffer.record.StoredMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A broker whose buffer is served over the network. */
abstract class WithServedBuffer {

    @TempDir
    Path dir;

    Served broker;

    @BeforeEach
    void serve() {
        broker = new Served(dir.resolve("buffer"));
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    List<StoredMessage> all(Attachment consumer) throws InterruptedException {
        List<StoredMessage> messages = new ArrayList<>();
        long end = broker.buffer().stats().end();
        for (long frontier = 0; frontier < end; ) {
            ReadBatch batch = consumer.read(700, 1 << 20, PATIENCE);
            messages.addAll(batch.messages());
            assertThat(batch.frontier()).isGreaterThanOrEqualTo(frontier);
            frontier = batch.frontier();
        }
        return messages;
    }

    static void readUntilItFails(RemoteAttachment remote) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            remote.read(1, 1, Duration.ofMillis(100));
        }
    }
}
